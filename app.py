"""The entry point: `flask --app app …`, `python app.py` to serve, `gunicorn app:app`."""

from grid import create_app

app = create_app()

if __name__ == "__main__":
    from grid.core.serving import serve

    serve(app)
