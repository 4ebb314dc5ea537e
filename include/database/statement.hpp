#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "database/failure.hpp"

namespace database {

/// An engine's side of a statement; its connection owns it. Not for other modules: they have
/// Statement. All that may fail throws Failure.
class PreparedStatement {
public:
    virtual void bind_integer(int index, std::int64_t value) = 0;
    virtual void bind_real(int index, double value) = 0;
    virtual void bind_text(int index, std::string_view text) = 0;
    virtual void bind_blob(int index, std::string_view bytes) = 0;
    virtual void bind_null(int index) = 0;
    virtual bool step() = 0;
    virtual void reset() = 0;

    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual std::string_view blob(int column) const = 0;

protected:
    ~PreparedStatement() = default;
};

/// One prepared statement while it runs; hands itself back to its connection's cache at the end.
/// Parameters count from 1, columns from 0. Texts and blobs that are bound must live until the
/// statement's end; those that are read live until the next step.
///
/// The SQL is the part that every engine takes: `?` and `?1` as parameters, `on conflict … do`,
/// `returning`, row values; no `insert or …`, no pragma, no function that only one of them has.
class Statement {
public:
    explicit Statement(PreparedStatement& statement) : statement_(&statement) {}
    Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Statement& operator=(Statement&&) = delete;
    ~Statement() {
        if (statement_) statement_->reset();
    }

    Statement& bind(int index, std::int64_t value) {
        statement_->bind_integer(index, value);
        return *this;
    }
    Statement& bind(int index, std::string_view text) {
        statement_->bind_text(index, text);
        return *this;
    }
    Statement& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
    Statement& bind(int index, std::nullopt_t) {
        statement_->bind_null(index);
        return *this;
    }
    Statement& bind_blob(int index, std::string_view bytes) {
        statement_->bind_blob(index, bytes);
        return *this;
    }
    /// By a name of its own: beside bind(int64) a plain `int` would fit both.
    Statement& bind_real(int index, double value) {
        statement_->bind_real(index, value);
        return *this;
    }
    template <class T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    /// True while there is a row. Throws Failure.
    bool step() { return statement_->step(); }
    /// For statements without rows, or whose rows nobody wants.
    void run() {
        while (step()) {
        }
    }
    /// Ready for other parameters.
    Statement& reset() {
        statement_->reset();
        return *this;
    }

    std::int64_t integer(int column) const { return statement_->integer(column); }
    std::optional<std::int64_t> integer_or_null(int column) const {
        if (statement_->is_null(column)) return std::nullopt;
        return statement_->integer(column);
    }
    double real(int column) const { return statement_->real(column); }
    std::string_view text(int column) const { return statement_->text(column); }
    std::optional<std::string_view> text_or_null(int column) const {
        if (statement_->is_null(column)) return std::nullopt;
        return statement_->text(column);
    }
    std::string_view blob(int column) const { return statement_->blob(column); }

private:
    PreparedStatement* statement_;
};

}  // namespace database
