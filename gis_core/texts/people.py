"""Texts about people: who comes in, and what they may do."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {
    "signed_out": ("sign in first", "请先登录"),
    "wrong_password": (
        "the name or the password is wrong; after five wrong ones in a row an account is locked for a minute or more",
        "用户名或密码错误；连续输错五次后，账户将锁定一分钟或更久",
    ),
    "locked_out": (
        "too many wrong passwords; try again in {minutes} min",
        "密码错误次数过多，请在 {minutes} 分钟后重试",
    ),
    "too_many_requests": ("too many requests; try again in {seconds} s", "请求过于频繁，请在 {seconds} 秒后重试"),
    "token_invalid": ("the token is not valid, or no longer; sign in again", "令牌无效或已过期，请重新登录"),
    "grant_type": (
        "grant_type is {value!r}; expected password or refresh_token",
        "grant_type 的值为 {value!r}；应为 password 或 refresh_token",
    ),
    "not_permitted": ("your roles do not permit this", "您的角色无权执行此操作"),
    "foreign_origin": (
        "this request comes from a page of another site; open the page here",
        "该请求来自其他网站的页面；请在本站页面操作",
    ),
    "user_missing": ("there is no user {value!r}", "没有用户 {value!r}"),
    "user_exists": ("there is a user {value!r} already", "用户 {value!r} 已存在"),
    "user_name": (
        "user name {value!r}: expected 2 to 64 letters, digits, dots, dashes or underscores",
        "用户名 {value!r}：应为 2 至 64 位字母、数字、点、连字符或下划线",
    ),
    "password_weak": (
        "the password has {value} characters; expected {expected} or more",
        "密码长度为 {value}；至少应为 {expected} 个字符",
    ),
    "area_form": (
        "area {value!r}: expected city, grid:CODE, organisation:CODE or contractor:CODE",
        "范围 {value!r}：应为 city、grid:编码、organisation:编码 或 contractor:编码",
    ),
    "area_unknown": ("area {kind}:{value}: there is no such code", "范围 {kind}:{value}：没有该编码"),
    "organisation_unknown": ("there is no party {value!r}", "没有单位 {value!r}"),
    "grant_missing": ("{name} has no role {role} for {area}", "{name} 没有 {area} 的角色 {role}"),
    "key_missing": ("{name} has no key called {value!r}", "{name} 没有名为 {value!r} 的密钥"),
    "key_exists": ("{name} has a key called {value!r} already", "{name} 已有名为 {value!r} 的密钥"),
    "secret_missing": (
        "set {variable} to a secret of {expected} or more characters: openssl rand -hex 32",
        "请将 {variable} 设为至少 {expected} 个字符的密钥：openssl rand -hex 32",
    ),
    "demo_on_loopback": (
        "--demo uses a secret everybody knows, so it serves on loopback only, not on {value}",
        "--demo 使用公开的密钥，只能在本机回环地址提供服务，不能用于 {value}",
    ),
    "proxy_address": (
        "{variable}: {value!r} is neither an IP address nor a network (10.0.0.0/8)",
        "{variable}：{value!r} 既不是 IP 地址也不是网段（10.0.0.0/8）",
    ),
    "contact_missing": ("nobody is known who reported {value}", "没有 {value} 的上报人信息"),
    "parameter_unknown": (
        "there is no parameter {value!r} here; there are: {expected}",
        "此处没有参数 {value!r}；可用：{expected}",
    ),
    "parameter_invalid": ("{field} is {value!r}; expected: {expected}", "{field} 的值为 {value!r}；要求：{expected}"),
}
