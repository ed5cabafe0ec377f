"""ONNX: from the bytes of a file to the recurrent layers of its graph."""
