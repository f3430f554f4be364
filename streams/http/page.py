"""A plain page of the API, made from its OpenAPI document: nothing is fetched from anywhere else."""

from html import escape
from typing import Any

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1f24; background: #fff }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #d0d7de }
article { margin: 1.5rem 0 }
code { font: 0.9em ui-monospace, monospace }
.call { font-weight: 600 }
p { margin: 0.3rem 0 }
dd { margin-left: 1.5rem }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } a { color: #6cb6ff } }
"""


def page(document: dict[str, Any]) -> str:
    """HTML with every call: method, path, what it does, parameters, answers."""
    groups: dict[str, list[str]] = {}
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            groups.setdefault(call.get("tags", [""])[0], []).append(_article(method.upper(), path, call))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(articles)}" for tag, articles in groups.items())
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>For machines: <a href="/openapi.json">openapi.json</a></p>{body}</body></html>'
    )


def _article(method: str, path: str, call: dict[str, Any]) -> str:
    parameters = "".join(_parameter(one) for one in call.get("parameters", ()))
    answers = "".join(
        f"<dt><code>{escape(status)}</code></dt><dd>{escape(answer.get('description', ''))}</dd>"
        for status, answer in sorted(call.get("responses", {}).items())
    )
    return (
        f'<article><p class="call"><code>{method} {escape(path)}</code></p><p>{escape(call.get("summary", ""))}</p>'
        f"<p>{escape(call.get('description', ''))}</p><dl>{parameters}{answers}</dl></article>"
    )


def _parameter(one: dict[str, Any]) -> str:
    about = one.get("description") or one.get("schema", {}).get("description", "")
    needed = "" if one.get("required") else " (optional)"
    return f"<dt><code>{escape(one['name'])}</code> in {escape(one['in'])}{needed}</dt><dd>{escape(about)}</dd>"
