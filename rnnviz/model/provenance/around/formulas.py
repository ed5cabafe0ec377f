"""The equations of the whole model by key: the names under which they are drawn beforehand."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance.around.whole import Whole

_BACK = r"\frac{\partial L}{\partial %s}"


def _d(letter: str) -> str:
    return _BACK % letter


FORMULAS = {
    "around-lookup": r"x_t = W_{emb}[id_t]",
    "around-one-hot": r"x_t = W_{emb} \, onehot_t",
    "around-linear-in-front": r"x_t = W_{emb} \, input_t + b_{emb}",
    "around-scores": r"s_t = W_{head} \, h_t + b_{head}",
    "around-softmax": r"p_t[i] = \frac{\exp(s_t[i])}{\sum_j \exp(s_t[j])}",
    "around-sigmoid": r"p_t = \sigma(s_t)",
    "around-cross-entropy": r"loss_t = -\log p_t[target_t]",
    "around-mse": r"loss_t = (s_t - target_t)^2",
    "around-bce": r"loss_t = -y \log p_t - (1 - y) \log(1 - p_t)",
    "around-mean": r"L = \frac{1}{n} \sum_t loss_t",
    "around-sum": r"L = \sum_t loss_t",
    "around-grad-scores": rf"{_d('s_t')} = \frac{{p_t - y_t}}{{n}}",
    "around-grad-mse": rf"{_d('s_t')} = \frac{{2 (s_t - target_t)}}{{n}}",
    "around-grad-output": rf"{_d('h_t')} = W_{{head}}^T {_d('s_t')}",
    "around-grad-h-rnn": rf"{_d('h_t')} = {_d('output_t')} + W_{{hh}}^T {_d('a_{t+1}')}",
    "around-grad-h-gru": rf"{_d('h_t')} = {_d('output_t')} + W_{{hh}}^T {_d('a_{t+1}')}"
    rf" + z_{{t+1}} \odot {_d('h_{t+1}')}",
    "around-grad-x": rf"{_d('x_t')} = W_{{ih}}^T {_d('a_t')}",
    "around-grad-weight": rf"{_d('W')} = \sum_t {_d('a_t')} \, x_t^T",
}
FORMULAS["around-grad-c"] = (
    rf"{_d('c_t')} = f_{{t+1}} \odot {_d('c_{t+1}')} "
    rf"+ o_t \odot (1 - \tanh^2 c_t) \odot {_d('h_t')}"
)


def formula_key(whole: Whole, element: Element) -> str | None:
    """The key of the equation in which an element stands left; None where there is none."""
    return None
