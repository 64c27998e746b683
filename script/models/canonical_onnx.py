#!/usr/bin/env python3
"""Rewrite an ONNX file so that the same graph always gives the same bytes.

usage: canonical_onnx.py IN OUT

The converter names and orders inner values by chance. Here nodes are sorted by what they compute
(a hash over operator, attributes and inputs), and inner values, nodes and constants are numbered
in that order. The names of the graph's inputs and outputs stay.
"""

import hashlib
import sys

import onnx
from onnx import numpy_helper


def digest(*parts):
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def content(tensor):
    array = numpy_helper.to_array(tensor)
    return digest(str(array.dtype).encode(), str(array.shape).encode(), array.tobytes())


def attribute_key(attribute):
    if attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS):
        sys.exit("subgraphs are not handled")
    if attribute.type == onnx.AttributeProto.TENSOR:
        return f"{attribute.name}={content(attribute.t)}".encode()
    return attribute.SerializeToString(deterministic=True)


def canonical(model):
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    kept = {value.name for value in graph.input} | {value.name for value in graph.output}
    key = {value.name: value.name for value in graph.input}
    key.update({name: content(tensor) for name, tensor in constants.items()})
    key[""] = ""
    waiting, ordered = list(graph.node), []
    first, renamed = {}, {}
    while waiting:
        ready = [node for node in waiting if all(name in key for name in node.input)]
        if not ready:
            sys.exit("the graph has a cycle or a missing input")

        def node_key(node):
            inputs = [key[name].encode() for name in node.input]
            return digest(node.op_type.encode(), *inputs, b"|", *sorted(map(attribute_key, node.attribute)))

        ready = sorted(((node_key(node), node) for node in ready), key=lambda pair: pair[0])
        done = {id(node) for _, node in ready}
        waiting = [node for node in waiting if id(node) not in done]
        for node_digest, node in ready:
            for i, name in enumerate(node.output):
                key[name] = f"{node_digest}:{i}"
                # Nodes that compute the same value become one.
                twin = first.setdefault(key[name], name)
                if twin != name:
                    renamed[name] = twin
            if all(name not in renamed or name in kept for name in node.output):
                ordered.append(node)
    for node in ordered:
        for i, name in enumerate(node.input):
            node.input[i] = renamed.get(name, name)
    # Equal constants share one tensor.
    renamed, tensors, by_content = {}, [], {}
    for node in ordered:
        for name in node.input:
            if name in constants and name not in renamed:
                if key[name] not in by_content:
                    by_content[key[name]] = f"c{len(tensors)}"
                    # Always in raw form: the converter stores some scalars in typed fields.
                    tensors.append(numpy_helper.from_array(numpy_helper.to_array(constants[name]), by_content[key[name]]))
                renamed[name] = by_content[key[name]]
    nodes = []
    for at, node in enumerate(ordered):
        for i, name in enumerate(node.output):
            if name and name not in kept:
                renamed[name] = f"v{at}_{i}"
        fresh = onnx.helper.make_node(
            node.op_type,
            [renamed.get(name, name) for name in node.input],
            [renamed.get(name, name) for name in node.output],
            name=f"n{at}",
            domain=node.domain or None,
        )
        fresh.attribute.extend(sorted(node.attribute, key=lambda attribute: attribute.name))
        for attribute in fresh.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                attribute.t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(attribute.t), ""))
        nodes.append(fresh)
    for value in [*graph.input, *graph.output]:
        for at, dim in enumerate(value.type.tensor_type.shape.dim):
            if dim.HasField("dim_param"):
                dim.dim_param = f"{value.name}_{at}"
    fresh_graph = onnx.helper.make_graph(nodes, "graph", list(graph.input), list(graph.output), tensors)
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    out = onnx.helper.make_model(fresh_graph, opset_imports=opsets, producer_name="")
    out.ir_version = model.ir_version
    return out


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model = canonical(onnx.load(sys.argv[1]))
    onnx.checker.check_model(model)
    with open(sys.argv[2], "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


main()
