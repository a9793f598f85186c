"""Templates as Flask has them, with a shorter way for what they mostly write: plain text to be escaped."""

from functools import cache
from typing import Any

from flask import Flask, current_app
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from grid.core.i18n import language

try:
    # What `escape` itself calls, without wrapping each piece in Markup: a page only joins the pieces.
    from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]
except ImportError:
    escape_text = escape


def written(value: Any) -> str:
    """A value as a template writes it; a page writes hundreds."""
    kind = type(value)
    if kind is str:
        return escape_text(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int else escape(value)


# Names that no template gives a meaning of its own, and that are called dozens of times in a page.
DIRECT = ("_", "static")


class _Generator(CodeGenerator):
    def visit_Call(self, node: nodes.Call, frame: Any, **options: Any) -> None:  # type: ignore[override]
        called = node.node
        if not isinstance(called, nodes.Name) or called.name not in DIRECT or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, **options)
            return
        self.write(f"environment.globals[{called.name!r}](")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.written(" + (finalize.src or ""))
        else:
            super()._output_child_pre(node, frame, finalize)


class Templates(Environment):
    code_generator_class = _Generator
    written = staticmethod(written)


def part(name: str, **context: Any) -> str:
    """A fragment that takes nothing from the request: straight from Jinja, without Flask's additions."""
    return current_app.jinja_env.get_template(name).render(context)


def once(name: str) -> Markup:
    """A fragment that is the same on every page: drawn once per language."""
    return _once(name, language.get())


@cache
def _once(name: str, spoken: str) -> Markup:
    return Markup(part(name))


def use(app: Flask) -> None:
    """Before the first use of `app.jinja_env`."""
    app.jinja_environment = Templates
