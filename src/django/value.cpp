#include "value.hpp"

#include "base/json_writer.hpp"

namespace django {

namespace {

void write(base::JsonWriter& writer, std::string& out, const Value& value) {
    switch (value.kind) {
        case Value::Kind::null:
            writer.value(nullptr);
            break;
        case Value::Kind::boolean:
            writer.value(value.text == "true");
            break;
        case Value::Kind::number:
            if (auto last = out.empty() ? '\0' : out.back();
                last != '\0' && last != '[' && last != '{' && last != ':' && last != ',') {
                out += ',';
            }
            out += value.text;
            break;
        case Value::Kind::text:
            writer.value(value.text);
            break;
        case Value::Kind::list:
            writer.open('[');
            for (const auto& item : value.items) write(writer, out, item);
            writer.close(']');
            break;
        case Value::Kind::object:
            writer.open('{');
            for (std::size_t i = 0; i < value.names.size(); ++i) {
                writer.name(value.names[i]);
                write(writer, out, value.items[i]);
            }
            writer.close('}');
            break;
    }
}

}  // namespace

std::string to_json(const Value& value) {
    std::string out;
    base::JsonWriter writer(out);
    write(writer, out, value);
    return out;
}

std::size_t memory_of(const Value& value) {
    auto bytes = sizeof(Value) + value.text.size();
    for (const auto& name : value.names) bytes += sizeof(name) + name.size();
    for (const auto& item : value.items) bytes += memory_of(item);
    return bytes;
}

}  // namespace django
