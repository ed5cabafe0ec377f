"""A model as code: a few lines to look at, and a script that prints the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.model.pipeline import Pipeline
    from rnnviz.session.state import Document, State


def shown_code(state: State) -> str:
    """The modules, a line for each; of recurrent layers alone the one line that makes them."""
    document = state.document
    if document.is_plain or state.pr is None:
        return document.spec.code()
    behind = state.pr.pipeline
    lines = _front_lines(behind)
    lines += [document.spec.code()] if document.recurrent else []
    if document.decoder is not None:
        lines.append(document.decoder.spec(document.spec).code())
        if state.decoded is not None:
            behind = state.decoded.model.decoding
    return "\n".join([*lines, *_behind_lines(behind, document)])


def copied_code(state: State) -> str:
    """A complete script."""
    document = state.document
    if not document.is_plain:
        if state.decoded is not None:
            return state.decoded.code()
        if state.pr is not None:
            return state.pr.code()
    return document.spec.script(document.training)


def _front_lines(pipeline: Pipeline) -> list[str]:
    from rnnviz.model.pipeline.embedding import OneHot, module_of
    from rnnviz.model.pipeline.redraw import construction

    front, module = pipeline.embedding, module_of(pipeline.embedding)
    lines = [f"F.one_hot(ids, {front.num_classes})"] if isinstance(front, OneHot) else []
    return lines if module is None else [*lines, construction(module)]


def _behind_lines(pipeline: Pipeline, document: Document) -> list[str]:
    from rnnviz.model.pipeline.code import criterion_code
    from rnnviz.model.pipeline.redraw import construction

    head, lines = pipeline.head, []
    if head is not None:
        lines.append(construction(head.linear))
        made = {"sigmoid": "nn.Sigmoid()", "softmax": "nn.Softmax(dim=-1)"}
        lines += [made[head.activation]] if head.activation in made else []
    if pipeline.loss is not None:
        lines.append(criterion_code(pipeline.loss, head))
    return lines
