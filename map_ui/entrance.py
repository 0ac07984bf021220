"""The way in: the page that asks for name and password."""

from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.texts import TEXTS, page_texts


def login_page(locale: str, *, name: str, message: str, target: str, assets: str, link: str) -> str:
    """The page that asks who is there.

    Parameters
    ----------
    name, message
        What was typed before, and why it did not do; may be empty.
    target
        Address of the page to go on to, on this server.
    assets
        Address of the assets folder.
    link
        Address of this page with ``{locale}`` for the language.
    """
    other = "en" if locale == "zh" else "zh"
    return TEMPLATES.get_template("login.html").render(
        title=TEXTS.say("sign_in", locale),
        texts=page_texts(locale),
        language=LANGUAGES[locale],
        other_language=LANGUAGES[other],
        other_address=link.format(locale=other),
        action=f"/login?lang={locale}",
        name=name,
        message=message,
        target=target,
        assets=assets,
    )
