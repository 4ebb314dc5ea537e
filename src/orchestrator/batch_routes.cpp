// Several commands in one request, all of them or none.
#include "answer_json.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"
#include "news/article_json.hpp"
#include "news/batch.hpp"
#include "news_routes.hpp"

namespace orchestrator {

using base::malformed;

namespace {

using Body = nlohmann::json;

constexpr std::int64_t number_max = (std::int64_t{1} << 53) - 1;

base::Error malformed_batch(const std::string& message) {
    return malformed("malformed_batch", message);
}

std::optional<std::int64_t> number_in(const Body& one, const char* name) {
    auto found = one.find(name);
    bool whole = found != one.end() && found->is_number_unsigned() &&
                 found->get<std::uint64_t>() <= static_cast<std::uint64_t>(number_max);
    if (!whole) return std::nullopt;
    return found->get<std::int64_t>();
}

base::Error only_editors() {
    return {base::Reason::forbidden, "forbidden", "Only editors may remove a news item."};
}

/// Adds one command: what it is, and beside that what its own route takes in the body.
base::Result<void> add_command(std::vector<news::BatchCommand>& to, const Body& one,
                               const base::Actor& actor) {
    auto name = one.is_object() ? one.value("command", Body()) : Body();
    if (!name.is_string()) {
        return malformed_batch("Each command is an object with the member command.");
    }
    if (name == "create") {
        bool names_one = one.contains("id") || one.contains("version");
        if (names_one) return malformed_batch("What is created has neither id nor version yet.");
        auto article = news::new_article_from_json(one);
        if (!article) return article.error();
        to.emplace_back(news::CreateInBatch{std::move(*article)});
        return {};
    }
    auto id = number_in(one, "id");
    auto version = number_in(one, "version");
    if (!id || *id == 0) return malformed_batch("The command needs the id of a news item.");
    if (one.contains("version") && !version) {
        return malformed_batch("version must be a whole number.");
    }
    std::optional<news::Expected> expected;
    if (version) expected = news::Expected{{*version}};
    if (name == "revise") {
        if (!expected) return malformed_batch("A change needs the version that it is based on.");
        auto revision = news::revision_from_json(one);
        if (!revision) return revision.error();
        to.emplace_back(news::ReviseInBatch{*id, std::move(*revision), *expected});
        return {};
    }
    if (name == "publish") {
        auto at = news::time_from_json(one, "published_at");
        if (!at) return at.error();
        to.emplace_back(news::PublishInBatch{*id, *at, expected});
        return {};
    }
    if (name == "unpublish") {
        to.emplace_back(news::UnpublishInBatch{*id, expected});
        return {};
    }
    if (name == "remove") {
        // As its own route: what is removed is gone for everybody.
        if (actor.role < base::Role::editor) return only_editors();
        to.emplace_back(news::RemoveInBatch{*id, expected});
        return {};
    }
    return malformed_batch("The command must be create, revise, publish, unpublish or remove.");
}

base::Result<std::vector<news::BatchCommand>> commands_in(const Body& body,
                                                          const base::Actor& actor) {
    auto found = body.is_object() ? body.find("commands") : body.end();
    if (!body.is_object() || found == body.end() || !found->is_array()) {
        return malformed_batch("Send {\"commands\": [{\"command\": \"create\", …}, …]}.");
    }
    // More of them than may be are refused without a look at each.
    if (found->size() > news::batch_commands_max) return std::vector<news::BatchCommand>();
    std::vector<news::BatchCommand> commands;
    for (std::size_t i = 0; i < found->size(); ++i) {
        auto added = add_command(commands, (*found)[i], actor);
        if (!added) return news::in_batch(added.error(), i);
    }
    return commands;
}

}  // namespace

WriteRoutes::Answer WriteRoutes::batch(const http::Request& request) {
    auto type = news_type_of(parts_, request);
    if (!type) co_return refuse(request, type.error());
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto commands = commands_in(std::get<Body>(read), request.context.actor);
    if (!commands) co_return refuse(request, commands.error());
    auto command = command_of(request);
    if (!command) co_return refuse(request, command.error());
    command->expected.reset();
    auto done = co_await (*type)->commands->batch(std::move(*commands), std::move(*command));
    if (!done) co_return refuse(request, done.error());
    http::Response response;
    response.body = batch_body(*done);
    response.cache_control = "no-store";
    co_return response;
}

}  // namespace orchestrator
