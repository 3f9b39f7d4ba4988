"""The messages of pprof's `profile.proto`, made from a table of its fields.

Fields and numbers: https://github.com/google/pprof/blob/main/proto/profile.proto
"""

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_PACKAGE: Final = "perftools.profiles"
_TYPES: Final = {
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "uint64": descriptor_pb2.FieldDescriptorProto.TYPE_UINT64,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,  # names need not be UTF-8: who reads decides
}
_MESSAGES: Final[dict[str, str]] = {
    "ValueType": "1 int64 type, 2 int64 unit",
    "Label": "1 int64 key, 2 int64 str, 3 int64 num, 4 int64 num_unit",
    "Sample": "1 uint64* location_id, 2 int64* value, 3 Label* label",
    "Mapping": "1 uint64 id, 2 uint64 memory_start, 3 uint64 memory_limit, 4 uint64 file_offset, 5 int64 filename, "
    "6 int64 build_id, 7 bool has_functions, 8 bool has_filenames, 9 bool has_line_numbers, 10 bool has_inline_frames",
    "Line": "1 uint64 function_id, 2 int64 line, 3 int64 column",
    "Location": "1 uint64 id, 2 uint64 mapping_id, 3 uint64 address, 4 Line* line, 5 bool is_folded",
    "Function": "1 uint64 id, 2 int64 name, 3 int64 system_name, 4 int64 filename, 5 int64 start_line",
    "Profile": "1 ValueType* sample_type, 2 Sample* sample, 3 Mapping* mapping, 4 Location* location, "
    "5 Function* function, 6 string* string_table, 7 int64 drop_frames, 8 int64 keep_frames, 9 int64 time_nanos, "
    "10 int64 duration_nanos, 11 ValueType period_type, 12 int64 period, 13 int64* comment, "
    "14 int64 default_sample_type, 15 int64 doc_url",
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="webprof/pprof.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields.split(", "):
            number, type_, field_name = field.split()
            repeated = type_.endswith("*")
            described = message.field.add(
                name=field_name,
                number=int(number),
                label=descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
                if repeated
                else descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
            )
            _typed(described, type_.removesuffix("*"))
    return file


def _typed(field: descriptor_pb2.FieldDescriptorProto, type_: str) -> None:
    if type_ in _TYPES:
        field.type = _TYPES[type_]
    else:
        field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{type_}"


def _profile_class() -> Any:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_file())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Profile"))


# A class that protobuf makes when this is imported: a type checker can't know its fields.
PprofProfile: Final[Any] = _profile_class()


def decode_profile(data: bytes) -> Any | None:
    """The message, or None for bytes that are none."""
    message = PprofProfile()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message
