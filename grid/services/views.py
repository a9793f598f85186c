"""服务: the pages of what a committee does beside visits and cases."""

from flask import Flask

from grid.services import activity_views, checklist_views, inspection_views, record_views


def register(app: Flask) -> None:
    app.register_blueprint(checklist_views.bp)
    app.register_blueprint(inspection_views.bp)
    app.register_blueprint(record_views.bp)
    app.register_blueprint(activity_views.bp)
