"""Yihu 一户一档. `create_app` is the only place that names every feature."""

from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from grid.core import (
    config,
    cookies,
    csrf,
    errors,
    forms,
    headers,
    health,
    i18n,
    labels,
    navigation,
    personal,
    templating,
)
from grid.core.db import CONNECT_SECONDS, LOCK_TIMEOUT, db, watch

FEATURES = (
    "accounts",
    "register",
    "tags",
    "visits",
    "cases",
    "services",
    "ledgers",
    "today",
    "dossier",
    "atlas",
    "documents",
    "exchange",
    "sync",
    "staff",
    "demo",
)


def create_app(given: dict[str, Any] | None = None, instance: Path | None = None) -> Flask:
    """The application. `given` overrides settings; `instance` is where the private files lie."""
    instance = instance or config.instance_folder()
    app = Flask(
        "grid",
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(instance.resolve()),
    )
    app.config.update(config.settings(instance, given))
    _trust_proxies(app)
    personal.use_key(app.config["PERSONAL_KEY"])
    # No view of ours is asynchronous: Flask need not look at each function of each request.
    app.ensure_sync = lambda view: view  # type: ignore[assignment, method-assign]
    templating.use(app)
    app.session_interface = cookies.Cookies(app)
    _open_database(app)
    csrf.Csrf(app)
    _prepare_templates(app)
    headers.protect(app)
    errors.register(app)
    health.register(app)
    from grid.accounts.access import guard

    guard(app)
    for feature in FEATURES:
        _add(app, feature)
    return app


def _trust_proxies(app: Flask) -> None:
    """Behind GRID_PROXIES reverse proxies the reader's address, host and https are what those say."""
    if n := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]


def _open_database(app: Flask) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        connecting = {"connect_timeout": CONNECT_SECONDS, "options": LOCK_TIMEOUT}
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            **app.config["SQLALCHEMY_ENGINE_OPTIONS"],
            "connect_args": connecting,
        }
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        watch(db.engine)


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.globals["_"] = i18n.gettext
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["static"] = _static_urls(app)
    app.jinja_env.globals["options"] = forms.options
    app.jinja_env.globals["once"] = templating.once
    labels.register_filters(app)
    navigation.register(app)


def _static_urls(app: Flask) -> Any:
    """`static('css/yihu.css')` → a URL that changes with the file, made once per file."""
    from functools import cache
    from hashlib import sha256

    folder = Path(str(app.static_folder))

    @cache
    def url(name: str) -> str:
        return f"/static/{name}?v={sha256((folder / name).read_bytes()).hexdigest()[:8]}"

    return url


def _add(app: Flask, feature: str) -> None:
    """Mount a feature: its views' and its commands' `register(app)`, where it has them."""
    package = Path(__file__).parent / feature
    import_models = package / "models.py"
    if import_models.exists():
        import_module(f"grid.{feature}.models")
    for module in ("views", "commands"):
        if (package / f"{module}.py").exists():
            import_module(f"grid.{feature}.{module}").register(app)
