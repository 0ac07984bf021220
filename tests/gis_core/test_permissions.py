"""Roles, areas and the sight they give."""

from gis_core.permissions import EVERYTHING, PERMITTED, ROLES, Area, Grant, Sight, may, sight_of


def test_only_known_roles_are_permitted_anything() -> None:
    """A misspelt role in the table would permit nothing to anybody, unseen."""
    assert set().union(*PERMITTED.values()) <= set(ROLES)


def test_a_role_counts_within_its_area_only() -> None:
    """A manager of one grid who audits another would see both."""
    grants = {Grant("grid_manager", Area("grid", "02")), Grant("auditor", Area("grid", "01"))}
    assert sight_of(grants, "audit").areas == (Area("grid", "01"),)
    assert sight_of(grants, "see").areas == (Area("grid", "01"), Area("grid", "02"))
    assert sight_of({Grant("reporter", Area("city"))}, "see").areas == ()


def test_the_whole_city_swallows_every_other_area() -> None:
    """Two people with the same sight would have different cache keys."""
    grants = {Grant("commander", Area("city")), Grant("inspector", Area("grid", "01"))}
    assert sight_of(grants, "see") == EVERYTHING and EVERYTHING.everything
    assert not Sight(()).everything


def test_different_sights_have_different_keys() -> None:
    """A tile cached for one person would be shown to another."""
    areas = [(), (Area("city"),), (Area("grid", "1"),), (Area("organisation", "1"),), (Area("contractor", "1"),),
             (Area("grid", "1"), Area("grid", "2")), (Area("grid", "12"),)]  # fmt: skip
    assert len({Sight(one).key for one in areas}) == len(areas)
    assert Sight(areas[2]).key == Sight(areas[2]).key
    assert Sight(areas[5]).codes("grid") == ("1", "2")


def test_what_nobody_s_role_permits_is_not_permitted() -> None:
    """Somebody without grants would be let in."""
    assert not may([], "see")
    assert may([Grant("admin", Area("city"))], "audit")
    assert not may([Grant("inspector", Area("city"))], "audit")
