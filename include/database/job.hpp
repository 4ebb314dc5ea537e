#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/context.hpp"
#include "base/task.hpp"
#include "database/transaction.hpp"

// How work travels between a coroutine and the threads of a database. Not for other modules.
namespace database {

namespace detail {

/// How a job's value or exception travels back to the coroutine that waits for it.
template <class T>
struct Carried {
    std::exception_ptr failure{};
    std::optional<base::Result<T>> result{};
};

/// One command in the writer's queue.
struct WriteJob {
    virtual ~WriteJob() = default;
    /// False: refused, roll it back. May throw.
    virtual bool run(Transaction& transaction) = 0;
    virtual void fail(std::exception_ptr failure) = 0;
    virtual void refuse(base::Error error) = 0;
    /// Resumes the caller with what run, fail or refuse left; called once.
    virtual void answer() = 0;
    base::Deadline deadline{};
    std::size_t bytes = 0;
};

/// One question in the readers' queue.
struct ReadJob {
    virtual ~ReadJob() = default;
    virtual void run(ReadTransaction& transaction) = 0;
    virtual void fail(std::exception_ptr failure) = 0;
    virtual void refuse(base::Error error) = 0;
    virtual void answer() = 0;
    base::Deadline deadline{};
};

/// A command with its work and its way back.
template <class T, class Work>
struct WriteJobOf final : WriteJob {
    WriteJobOf(Work w, base::Completion<Carried<T>> c)
        : work(std::move(w)), completion(std::move(c)) {}
    bool run(Transaction& transaction) override {
        carried.result.emplace(work(transaction));
        return carried.result->has_value();
    }
    void fail(std::exception_ptr failure) override { carried = Carried<T>{failure, {}}; }
    void refuse(base::Error error) override {
        carried = Carried<T>{nullptr, base::Result<T>(std::move(error))};
    }
    void answer() override { completion(std::move(carried)); }

    Work work;
    base::Completion<Carried<T>> completion;
    Carried<T> carried{};
};

/// A question with its work and its way back.
template <class T, class Work>
struct ReadJobOf final : ReadJob {
    ReadJobOf(Work w, base::Completion<Carried<T>> c)
        : work(std::move(w)), completion(std::move(c)) {}
    void run(ReadTransaction& transaction) override { carried.result.emplace(work(transaction)); }
    void fail(std::exception_ptr failure) override { carried = Carried<T>{failure, {}}; }
    void refuse(base::Error error) override {
        carried = Carried<T>{nullptr, base::Result<T>(std::move(error))};
    }
    void answer() override { completion(std::move(carried)); }

    Work work;
    base::Completion<Carried<T>> completion;
    Carried<T> carried{};
};

}  // namespace detail

}  // namespace database
