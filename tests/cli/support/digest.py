"""usage: digest.py FILE...   exit 1 where the digest in a file is not what io/FORMATS.md says, by h5py and hashlib."""
import hashlib, sys
import h5py, numpy


def type_of(dtype):
    if h5py.check_string_dtype(dtype):
        return "text"
    if dtype.names:
        return ",".join(f"{n}:{type_of(dtype[n])}" for n in dtype.names)
    return dtype.kind + str(dtype.itemsize)


def bytes_of(values, dtype):
    if h5py.check_string_dtype(dtype):
        texts = [values] if isinstance(values, (str, bytes)) else numpy.asarray(values, dtype=object).ravel()
        return b"".join((t if isinstance(t, bytes) else t.encode("utf-8", "surrogateescape")) + b"\0" for t in texts)
    return numpy.asarray(values).tobytes()


def digest(file):
    entries = []

    def entry(*fields, shape=(), values=None, dtype=None):
        sha = "" if dtype is None else hashlib.sha256(bytes_of(values, dtype)).hexdigest()
        fields = (*fields, type_of(dtype) if dtype is not None else "", "x".join(map(str, shape)), sha)
        entries.append(b"".join(f.encode("utf-8", "surrogateescape") + b"\0" for f in fields))

    def visit(path, item):
        for name in item.attrs:
            a = item.attrs.get_id(name)
            if (path, name) != ("/", "digest"):
                entry("attribute", path, name, shape=a.shape, values=item.attrs[name], dtype=a.dtype)
        if isinstance(item, h5py.Dataset):
            entry("dataset", path, "", shape=item.shape, values=item[()], dtype=item.dtype)
            return
        if path != "/":
            entry("group", path, "")
        for name in item:
            visit(path.rstrip("/") + "/" + name, item[name])

    visit("/", file)
    return hashlib.sha256(b"".join(sorted(entries))).hexdigest()


for name in sys.argv[1:]:
    with h5py.File(name) as file:
        if file.attrs["digest"] != digest(file):
            sys.exit(f"{name}: its digest is {file.attrs['digest']}, by h5py it is {digest(file)}")
