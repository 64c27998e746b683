#!/usr/bin/env python3
"""Packs phone.dat (PyPI phone 0.4.5) into control-plane/data/number_regions.bin.

    pip download --no-deps phone==0.4.5 && tar xf phone-0.4.5.tar.gz
    script/data/number_regions.py phone-0.4.5/phone/phone.dat control-plane/data/number_regions.bin

Layout: "BBR1", u32 length of the text (little endian), the text (carriers on the first line, parted by "|";
then one region per line as province|city|area code), then runs over the prefixes 1300000, 1300001, ...:
a LEB128 length and a u16, which is 0 for an unknown prefix and otherwise (region + 1) * 16 + carrier.
"""
import hashlib
import struct
import sys

FIRST, LAST = 1_300_000, 1_999_999
CARRIERS = ["", "移动", "联通", "电信", "电信虚拟", "联通虚拟", "移动虚拟", "广电", "广电虚拟"]
SOURCE_SHA256 = "cb17a69eafa68d7706cfcc68d47cdf165ea916e9d5c476b4dd5f06cf74aed23d"


def records(data):
    offset = struct.unpack("<i", data[4:8])[0]
    for at in range(offset, len(data), 9):
        prefix, record, carrier = struct.unpack("<iiB", data[at : at + 9])
        end = data.index(b"\0", record)
        province, city, _post_code, area = data[record:end].decode().split("|")
        yield prefix, (province, city, area), carrier


def leb128(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def main(source, target):
    data = open(source, "rb").read()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{source} has SHA-256 {digest}, not {SOURCE_SHA256}")
    rows = list(records(data))
    regions = sorted({region for _, region, _ in rows})
    place = {region: index for index, region in enumerate(regions)}
    values = [0] * (LAST - FIRST + 1)
    for prefix, region, carrier in rows:
        values[prefix - FIRST] = (place[region] + 1) * 16 + carrier
    text = "\n".join(["|".join(CARRIERS)] + ["|".join(region) for region in regions]).encode()
    out = bytearray(b"BBR1" + struct.pack("<I", len(text)) + text)
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            out += leb128(at - start) + struct.pack("<H", values[start])
            start = at
    open(target, "wb").write(out)
    print(f"{len(rows)} prefixes, {len(regions)} regions, {len(out)} bytes")


main(*sys.argv[1:3])
