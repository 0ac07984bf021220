"""The showing: frames in, HTML out. Pages never fetch data and ask nothing of any other machine."""

from map_ui.data import MapData
from map_ui.offline import CSP, asset_path, copy_assets
from map_ui.pages import PAGES, Page, fault_page, fault_title, render

__all__ = ["CSP", "PAGES", "MapData", "Page", "asset_path", "copy_assets", "fault_page", "fault_title", "render"]
