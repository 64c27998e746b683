#!/usr/bin/env python3
"""Turn a CTranslate2 Whisper model (f16) into a ggml file with bf16 weights.

usage: whisper_to_ggml.py MODEL_BIN TOKENIZER_JSON OUT

Matrices become bf16, convolutions stay f16, biases, norms and encoder positions stay f32: the
mix that runs fastest on one core. The mel filterbank is computed here (Slaney, 16 kHz, 400-point
FFT), because the CTranslate2 file does not carry it. Needs numpy only.
"""

import json
import math
import struct
import sys

import numpy as np

GGML_MAGIC = 0x67676D6C
TYPE_F32, TYPE_F16, TYPE_BF16 = 0, 1, 30
FILE_TYPE_BF16 = 24
HEAD_WIDTH = 64
KEPT_F32 = {
    "encoder.conv1.bias",
    "encoder.conv2.bias",
    "encoder.positional_embedding",
    "decoder.positional_embedding",
}
CT2_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class Reader:
    """Walks the CTranslate2 binary format."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, fmt):
        value = struct.unpack_from("<" + fmt, self.data, self.at)[0]
        self.at += struct.calcsize("<" + fmt)
        return value

    def text(self):
        size = self.number("H")
        raw = self.data[self.at : self.at + size]
        self.at += size
        return raw.rstrip(b"\0").decode()

    def array(self):
        shape = [self.number("I") for _ in range(self.number("B"))]
        dtype = np.dtype(CT2_TYPES[self.number("B")])
        size = self.number("I")
        values = np.frombuffer(self.data, dtype, size // dtype.itemsize, self.at).reshape(shape)
        self.at += size
        return values


def read_ct2(path):
    """All variables by name, aliases resolved."""
    with open(path, "rb") as file:
        reader = Reader(file.read())
    reader.number("I")  # format version
    spec = reader.text()
    if "Whisper" not in spec:
        sys.exit(f"{path} holds {spec!r}, not a Whisper model")
    reader.number("I")  # spec revision
    variables = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        variables[name] = reader.array()
    for _ in range(reader.number("I")):
        alias, target = reader.text(), reader.text()
        variables[alias] = variables[target]
    if reader.at != len(reader.data):
        sys.exit(f"{path}: {len(reader.data) - reader.at} bytes left over")
    return variables


def layer_count(variables, side):
    prefix = f"{side}/layer_"
    numbers = [name[len(prefix) :].split("/")[0] for name in variables if name.startswith(prefix)]
    return 1 + max(int(number) for number in numbers if number.isdigit())


def rename(variables):
    """CTranslate2 names and fused projections to the names of the original checkpoint."""
    out = {}
    width = variables["encoder/layer_norm/gamma"].shape[0]

    def get(name):
        return variables[name].astype(np.float32)

    def norm(target, source):
        out[target + ".weight"], out[target + ".bias"] = get(source + "/gamma"), get(source + "/beta")

    def linear(target, source):
        out[target + ".weight"], out[target + ".bias"] = get(source + "/weight"), get(source + "/bias")

    def parts(targets, source):
        """Split a fused projection by rows. Keys have no bias in Whisper."""
        weight, bias = get(source + "/weight"), get(source + "/bias")
        for i, target in enumerate(targets):
            rows = slice(i * width, (i + 1) * width)
            out[target + ".weight"] = weight[rows]
            if not target.endswith(".key"):
                out[target + ".bias"] = bias[rows]

    out["encoder.positional_embedding"] = get("encoder/position_encodings/encodings")
    out["decoder.positional_embedding"] = get("decoder/position_encodings/encodings")
    out["decoder.token_embedding.weight"] = get("decoder/embeddings/weight")
    for conv in ("conv1", "conv2"):
        out[f"encoder.{conv}.weight"] = get(f"encoder/{conv}/weight")
        out[f"encoder.{conv}.bias"] = get(f"encoder/{conv}/bias").reshape(-1, 1)
    norm("encoder.ln_post", "encoder/layer_norm")
    norm("decoder.ln", "decoder/layer_norm")
    for side in ("encoder", "decoder"):
        for i in range(layer_count(variables, side)):
            source, target = f"{side}/layer_{i}", f"{side}.blocks.{i}"
            norm(f"{target}.attn_ln", f"{source}/self_attention/layer_norm")
            heads = [f"{target}.attn.{name}" for name in ("query", "key", "value")]
            parts(heads, f"{source}/self_attention/linear_0")
            linear(f"{target}.attn.out", f"{source}/self_attention/linear_1")
            if side == "decoder":
                norm(f"{target}.cross_attn_ln", f"{source}/attention/layer_norm")
                linear(f"{target}.cross_attn.query", f"{source}/attention/linear_0")
                heads = [f"{target}.cross_attn.{name}" for name in ("key", "value")]
                parts(heads, f"{source}/attention/linear_1")
                linear(f"{target}.cross_attn.out", f"{source}/attention/linear_2")
            norm(f"{target}.mlp_ln", f"{source}/ffn/layer_norm")
            linear(f"{target}.mlp.0", f"{source}/ffn/linear_0")
            linear(f"{target}.mlp.2", f"{source}/ffn/linear_1")
    return out


def mel_filters(bands, rate=16000, window=400):
    """Slaney filterbank [bands, window/2+1], written with libm's scalars so that it repeats bit by bit."""

    def to_mel(hz):
        return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) / (math.log(6.4) / 27)

    def to_hz(mel):
        return mel * 200 / 3 if mel < 15 else 1000 * math.exp((math.log(6.4) / 27) * (mel - 15))

    low, high = to_mel(0.0), to_mel(rate / 2)
    edges = [to_hz(low + (high - low) * i / (bands + 1)) for i in range(bands + 2)]
    filters = np.zeros((bands, window // 2 + 1), np.float32)
    for band in range(bands):
        left, centre, right = edges[band : band + 3]
        for bin in range(window // 2 + 1):
            hz = bin * rate / window
            slope = min((hz - left) / (centre - left), (right - hz) / (right - centre))
            filters[band, bin] = max(0.0, slope) * 2 / (right - left)
    return filters


def vocabulary(path, size):
    """The byte strings of the text tokens in id order; special tokens are known to the runtime."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    hidden = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of.update({chr(256 + i): byte for i, byte in enumerate(hidden)})
    text_tokens = 50257 if size >= 51865 else 50256
    with open(path, encoding="utf-8") as file:
        ids = json.load(file)["model"]["vocab"]
    ordered = sorted((number, text) for text, number in ids.items() if number < text_tokens)
    return [bytes(byte_of[c] for c in text) for _, text in ordered if all(c in byte_of for c in text)]


def to_bf16(values):
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def encode(name, values):
    if values.ndim < 2 or name in KEPT_F32:
        return TYPE_F32, values.astype(np.float32).tobytes()
    if "conv" in name:
        return TYPE_F16, values.astype(np.float16).tobytes()
    return TYPE_BF16, to_bf16(values).tobytes()


def write_ggml(path, tensors, tokens):
    width = tensors["encoder.ln_post.weight"].shape[0]
    vocab = tensors["decoder.token_embedding.weight"].shape[0]
    mels = tensors["encoder.conv1.weight"].shape[1]

    def layers(side):
        return 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith(f"{side}.blocks."))

    header = [vocab, len(tensors["encoder.positional_embedding"]), width, width // HEAD_WIDTH, layers("encoder")]
    header += [len(tensors["decoder.positional_embedding"]), width, width // HEAD_WIDTH, layers("decoder")]
    header += [mels, FILE_TYPE_BF16]
    with open(path, "wb") as file:
        file.write(struct.pack("<I11i", GGML_MAGIC, *header))
        filters = mel_filters(mels)
        file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        file.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            file.write(struct.pack("<i", len(token)) + token)
        for name, values in tensors.items():
            kind, data = encode(name, values)
            raw = name.encode()
            file.write(struct.pack("<3i", values.ndim, len(raw), kind))
            file.write(struct.pack(f"<{values.ndim}i", *values.shape[::-1]) + raw + data)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, tokenizer, target = sys.argv[1:]
    tensors = rename(read_ct2(source))
    vocab = tensors["decoder.token_embedding.weight"].shape[0]
    write_ggml(target, tensors, vocabulary(tokenizer, vocab))


main()
