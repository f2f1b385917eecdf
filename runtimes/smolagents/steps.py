"""The memory of an agent as JSON, which smolagents itself can only write: the steps that it shows to the model."""

import base64
import io

import PIL.Image
from smolagents.memory import ActionStep, TaskStep, ToolCall
from smolagents.monitoring import Timing


def dump(steps):
    return {"steps": [dump_task(step) if isinstance(step, TaskStep) else dump_action(step) for step in steps]}


def load(dumped):
    return [load_task(step) if "task" in step else load_action(step) for step in dumped["steps"]]


def dump_task(step):
    return {"task": step.task, "pictures": [encode(picture) for picture in step.task_images or []]}


def load_task(step):
    return TaskStep(step["task"], [decode(picture) for picture in step["pictures"]] or None)


def dump_action(step):
    """An error is kept in the words in which the model is shown it."""
    seen = [step.observations, f"Error: {step.error}" if step.error else None]
    return {
        "number": step.step_number,
        "said": step.model_output,
        "calls": [{"name": call.name, "arguments": call.arguments, "id": call.id} for call in step.tool_calls or []],
        "seen": "\n".join(text for text in seen if text) or None,
    }


def load_action(step):
    calls = [ToolCall(**call) for call in step["calls"]]
    return ActionStep(step["number"], Timing(start_time=0, end_time=0), model_output=step["said"],
                      tool_calls=calls or None, observations=step["seen"])


def encode(picture):
    written = io.BytesIO()
    picture.save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def decode(text):
    return PIL.Image.open(io.BytesIO(base64.b64decode(text)))
