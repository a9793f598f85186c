"""Where the settings come from: GRID_* and DATABASE_URL, else a private file made for this install."""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def instance_folder() -> Path:
    """Where this install's private files lie: GRID_INSTANCE, else instance/ in the clone."""
    return Path(os.environ.get("GRID_INSTANCE", ROOT / "instance"))


def settings(instance: Path, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything `create_app` configures. `given` (tests) wins over the environment."""
    instance.mkdir(parents=True, exist_ok=True)
    # The database lies there, with names and notes in plain text.
    instance.chmod(0o700)
    found: dict[str, Any] = {
        "INSTANCE": instance,
        "SQLALCHEMY_DATABASE_URI": database_url(instance),
        # The connection used last knows the pages asked for last; any other would read them again.
        # What somebody typed must not stand in a log with the statement that failed.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_use_lifo": True, "hide_parameters": True},
        "SESSION_COOKIE_NAME": "yihu",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": os.environ.get("GRID_HTTPS", "") == "1",
        # A building head's phone stays logged in so long; everybody else's cookie goes with the browser.
        "PERMANENT_SESSION_LIFETIME": timedelta(days=180),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
        "MAX_CONTENT_LENGTH": 24 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "TEMPLATES_AUTO_RELOAD": False,
        # The certificate of the office's own authority (docs/https.md); phones load it from /m/ca.crt.
        "CA_FILE": os.environ.get("GRID_CA_FILE", ""),
        # 0: batches are drawn by `flask worker` on other machines only.
        "PRINT_HERE": os.environ.get("GRID_PRINT_HERE", "1") == "1",
        # What the QR codes of papers from the shell begin with, e.g. https://yihu.office; pages know their own.
        "ROOT_URL": os.environ.get("GRID_ROOT_URL", ""),
        "PROXIES": int(os.environ.get("GRID_PROXIES", "0")),
    }
    found |= {key: value for key, value in (given or {}).items()}
    if "SECRET_KEY" not in found:
        found |= install_secrets(instance)
    return found


def database_url(instance: Path) -> str:
    """DATABASE_URL in the spelling SQLAlchemy wants, or the embedded SQLite file."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{instance / 'yihu.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def install_secrets(instance: Path) -> dict[str, str]:
    """The two keys of this install. Losing PERSONAL_KEY loses every ID and phone number: back it up."""
    path = instance / "secrets.json"
    if not path.exists():
        made = {"SECRET_KEY": secrets.token_hex(32), "PERSONAL_KEY": secrets.token_hex(64)}
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(made, file)
        os.replace(part, path)
    kept: dict[str, str] = json.loads(path.read_text())
    for name in kept:
        kept[name] = os.environ.get(f"GRID_{name}", kept[name])
    return kept
