"""What stands around the recurrent layers, as a figure is given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.model.gradients import Gradients, JacobianNorms
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.pipeline.backward import PipelineGradients
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.tokens import Vocabulary


@dataclass(frozen=True, eq=False)
class Rival:
    """Another cell on the same batch and targets, to be compared with.

    Attributes:
        name: "nn.RNN, tanh".
        pr: its run.
        gradients: of its loss.
        note: how its weights came about: "as drawn from seed 7", "trained likewise".
    """

    name: str
    pr: PipelineRun
    gradients: PipelineGradients
    note: str = ""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The whole model from the batch to the loss, and back.

    Attributes:
        pr: the run from the batch to the loss, all of it computed: `View.has_scores` and its
            like say how far the view has come. Of a difference of two runs, every number in it
            is new − original, but for ids and targets. Of an encoder and a decoder, the
            encoder's.
        vocabulary: names the ids of the batch; None where they are only numbers.
        classes: names of the C classes; empty where they are only numbers.
        position: timesteps that are done where there are no recurrent layers.
        gradients: of the loss, all of them computed; None where there is no loss, or they are
            not known yet.
        returned: how many steps back the view has come; None while the pass forward is on show.
        rival: another cell on the same batch, where one is asked for and known.
        decoded: an encoder and a decoder together; None where there is no decoder.
        decoder_steps: how many steps of the decoder are done.
        lesson: what the figure "sides" puts side by side; "" for nothing.
        jacobians: the sizes of ∂h_T/∂h_t of each layer and direction, as h_n lists them, T being
            where the sequence on show ends along the direction; None where nobody asked for
            them, or they are not known yet.
    """

    pr: PipelineRun
    vocabulary: Vocabulary | None = None
    classes: tuple[str, ...] = ()
    position: int = 0
    gradients: PipelineGradients | None = None
    returned: int | None = None
    rival: Rival | None = None
    decoded: SequenceToSequenceRun | None = None
    decoder_steps: int = 0
    lesson: str = ""
    jacobians: tuple[JacobianNorms, ...] | None = None

    def token(self, id_: int) -> str:
        """What an id of the batch is called: its token, or the number itself."""
        if self.vocabulary is not None and 0 <= id_ < len(self.vocabulary):
            return shown_token(self.vocabulary.tokens[id_])
        return str(id_)

    def class_name(self, index: int) -> str:
        """What a class is called: its name, or the number itself."""
        if 0 <= index < len(self.classes):
            return shown_token(self.classes[index])
        return str(index)

    @property
    def arrived(self) -> Gradients | None:
        """The gradients in the recurrent layers as far as the view has come back.

        All of them while the pass forward is on show; None where there are none.
        """
        if self.gradients is None or self.gradients.recurrent is None:
            return None
        found = self.gradients.recurrent
        return found if self.returned is None else found.at(self.returned)


def shown_token(token: str) -> str:
    """A token as it can be seen: white space has signs of its own."""
    return token.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥")
