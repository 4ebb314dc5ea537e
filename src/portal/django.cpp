// portal inspect django, portal import django, portal export django: what another site has, what
// comes of it, and the way back.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.hpp"
#include "operations/terminal.hpp"
#include "run_job.hpp"
#include "spool.hpp"

namespace portal {

namespace {

using nlohmann::json;
using operations::with_commas;

std::string text(const json& of, const char* name) {
    return of.at(name).get<std::string>();
}
std::string count(const json& of, const char* name) {
    return with_commas(of.at(name).get<std::int64_t>());
}

void print_rule(const json& rule, bool dry_run) {
    std::printf("%s from %s: %s read = ", text(rule, "rule").c_str(), text(rule, "model").c_str(),
                count(rule, "read").c_str());
    if (dry_run) {
        std::printf("%s taken", count(rule, "taken").c_str());
    } else {
        std::printf("%s added + %s updated + %s unchanged", count(rule, "added").c_str(),
                    count(rule, "updated").c_str(), count(rule, "unchanged").c_str());
        if (rule.at("conflicts") != 0) {
            std::printf(" + %s changed here too", count(rule, "conflicts").c_str());
        }
    }
    std::printf(" + %s left out + %s rejected\n", count(rule, "left_out").c_str(),
                count(rule, "rejected").c_str());
    if (text(rule, "rule") == "news") {
        std::printf("  %s published, %s scheduled, %s drafts; %s older states\n",
                    count(rule, "published").c_str(), count(rule, "scheduled").c_str(),
                    count(rule, "drafts").c_str(), count(rule, "past").c_str());
        if (rule.at("later_drafts") != 0 || rule.at("unchanged_states") != 0) {
            std::printf(
                "  left out of the history: %s drafts of published articles, %s states that "
                "change nothing the mapping reads\n",
                count(rule, "later_drafts").c_str(), count(rule, "unchanged_states").c_str());
        }
    }
    std::printf("  checksum %s\n", text(rule, "checksum").c_str());
}

/// `what`: articles, people …; `taken`: what became of some of them.
void print_vanished(const json& vanished, const char* what, const char* taken) {
    if (vanished.at("count") == 0) return;
    std::string names;
    for (const auto& one : vanished.at("examples")) {
        names += (names.empty() ? "" : ", ") + one.get<std::string>();
    }
    if (vanished.at("count") > vanished.at("examples").size()) names += " …";
    std::printf("Imported before and not in the source now: %s %s (%s)\n",
                count(vanished, "count").c_str(), what, names.c_str());
    if (vanished.at("unpublished") != 0) {
        std::printf("  %s of them %s\n", count(vanished, "unpublished").c_str(), taken);
    }
    if (vanished.at("kept") != 0) {
        std::printf(
            "  %s of them were changed here since, or are the last admin: left as they are\n",
            count(vanished, "kept").c_str());
    }
}

json arguments_of(const SiteImport& what) {
    auto folder = what.folder.empty() ? "" : std::filesystem::absolute(what.folder).string();
    return {{"mapping", std::filesystem::absolute(what.mapping).string()},
            {"dry_run", false},
            {"keep_staging", what.keep_staging},
            {"folder", folder},
            {"theirs", what.theirs},
            {"unpublish_vanished", what.unpublish_vanished}};
}

int print_report(const json& report, bool dry_run) {
    for (const auto& [name, model] : report.at("models").items()) {
        std::printf("%10s  %s", count(model, "rows").c_str(), name.empty() ? "?" : name.c_str());
        if (model.at("rejected") != 0)
            std::printf(", %s rejected", count(model, "rejected").c_str());
        if (model.at("repeated") != 0)
            std::printf(", %s repeated", count(model, "repeated").c_str());
        std::printf("\n");
    }
    for (const auto& rule : report.at("rules")) print_rule(rule, dry_run);
    print_vanished(report.at("vanished"), "articles", "taken from readers");
    print_vanished(report.at("vanished_people"), "people", "disabled");
    print_vanished(report.at("vanished_redirects"), "redirects", "removed");
    for (const auto& sentence : report.at("lacks")) {
        std::printf("Note: %s\n", sentence.get<std::string>().c_str());
    }
    if (report.at("cut_off").get<bool>()) std::printf("Note: The source ends in the middle.\n");
    for (const auto& [kind, warning] : report.at("warnings").items()) {
        std::printf("Warning %s, %s times; first: %s\n", kind.c_str(),
                    count(warning, "count").c_str(), text(warning, "example").c_str());
    }
    for (const auto& [reason, number] : report.at("reasons").items()) {
        std::printf("Rejected %s, %s times\n", reason.c_str(),
                    with_commas(number.get<std::int64_t>()).c_str());
    }
    bool refused = report.at("rejected") != 0 || report.at("cut_off").get<bool>();
    if (report.at("rejected") != 0) {
        std::printf("The rejected rows and why: %s\n", text(report, "rejected_file").c_str());
    }
    return refused ? some_refused : done;
}

}  // namespace

int inspect_django(Settings&& settings, const std::string& source, const std::string& mapping) {
    // Said before the source is read, which may take minutes.
    std::error_code unknown;
    if (!mapping.empty() && std::filesystem::exists(mapping, unknown)) {
        return complain("the file " + mapping + " is there already: name another.", wrong_use);
    }
    auto result = run_apart(std::move(settings), "inspect_django", {{"source", source}});
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    for (const auto& model : result->at("models")) {
        auto meaning = text(model, "meaning");
        std::printf("%s, %s rows%s\n", text(model, "name").c_str(), count(model, "rows").c_str(),
                    meaning.empty() ? "" : (": " + meaning).c_str());
        for (const auto& field : model.at("fields")) {
            auto to = text(field, "points_to");
            std::printf("  %-28s %-8s %10s filled  %s%s\n", text(field, "name").c_str(),
                        text(field, "kind").c_str(), count(field, "filled").c_str(),
                        text(field, "sample").c_str(), to.empty() ? "" : ("  -> " + to).c_str());
        }
    }
    for (const auto& note : result->at("notes")) {
        std::printf("Note: %s\n", note.get<std::string>().c_str());
    }
    if (mapping.empty()) {
        std::printf("\nA mapping to begin with (--mapping FILE writes it):\n%s",
                    text(*result, "mapping").c_str());
        return done;
    }
    // x: never over a file that came in the meantime.
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(mapping.c_str(), "wxe"),
                                                         &std::fclose);
    auto proposed = text(*result, "mapping");
    bool written =
        file && std::fwrite(proposed.data(), 1, proposed.size(), file.get()) == proposed.size();
    if (!written || std::fclose(file.release()) != 0) {
        return complain("the file " + mapping + " cannot be written.", failed);
    }
    std::printf("\nA mapping to begin with: %s\n", mapping.c_str());
    return done;
}

int try_import_django(Settings&& settings, const SiteImport& what) {
    auto arguments = arguments_of(what);
    arguments["source"] = what.source;
    arguments["dry_run"] = true;
    auto result = run_apart(std::move(settings), "import_django", arguments);
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    return print_report(*result, true);
}

int import_django(const Settings& settings, const SiteImport& what) {
    auto arguments = arguments_of(what);
    std::optional<Spool> spool;
    if (what.source == "-") {
        spool.emplace(settings.data.folder);
        if (spool->file().empty()) {
            return complain("standard input cannot be kept in the folder for temporary files.",
                            failed);
        }
        arguments["source"] = spool->file();
        arguments["keep_staging"] = false;
        arguments["rejected_file"] = std::filesystem::absolute("stdin.rejected.jsonl").string();
    } else {
        arguments["source"] = std::filesystem::weakly_canonical(what.source).string();
    }
    auto result = run_job(settings, "import_django", arguments);
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    return print_report(*result, false);
}

int export_django(const Settings& settings, const SiteExport& what) {
    auto base = std::filesystem::weakly_canonical(what.base);
    auto out = what.out.empty() ? base.string() + ".portal.jsonl"
                                : std::filesystem::absolute(what.out).string();
    auto folder = what.folder.empty() ? "" : std::filesystem::absolute(what.folder).string();
    json arguments{{"base", base.string()},
                   {"mapping", std::filesystem::absolute(what.mapping).string()},
                   {"out", out},
                   {"folder", folder},
                   {"keep_staging", what.keep_staging},
                   {"own_pks", what.own_pks}};
    auto result = run_job(settings, "export_django", arguments);
    if (!result) return complain(result.error().message, exit_code_of(result.error()));
    for (const auto& [model, rows] : result->at("models").items()) {
        std::printf("%10s  %s\n", with_commas(rows.get<std::int64_t>()).c_str(), model.c_str());
    }
    for (const auto& rule : result->at("rules")) {
        std::printf(
            "%s to %s: %s unchanged + %s changed + %s never imported + %s emptied, %s added; "
            "%s left out, %s could not be added\n",
            text(rule, "rule").c_str(), text(rule, "model").c_str(),
            count(rule, "unchanged").c_str(), count(rule, "changed").c_str(),
            count(rule, "not_here").c_str(), count(rule, "emptied").c_str(),
            count(rule, "added").c_str(), count(rule, "left_out").c_str(),
            count(rule, "not_added").c_str());
    }
    if (result->at("with_removed") != 0) {
        std::printf("Left out since they point to what is left out: %s rows\n",
                    count(*result, "with_removed").c_str());
    }
    for (const auto& row : result->at("left_out")) {
        std::printf("Left out: %s\n", row.get<std::string>().c_str());
    }
    if (result->at("cut_off").get<bool>()) std::printf("Note: The base ends in the middle.\n");
    for (const auto& [kind, warning] : result->at("warnings").items()) {
        std::printf("Warning %s, %s times; first: %s\n", kind.c_str(),
                    count(warning, "count").c_str(), text(warning, "example").c_str());
    }
    auto kept = text(*result, "kept_file");
    if (!kept.empty()) std::printf("Each row that differs, and why: %s\n", kept.c_str());
    std::printf("Written: %s (with password hashes: delete it when it is loaded)\n", out.c_str());
    bool is_all = result->at("unsaid") == 0 && !result->at("cut_off").get<bool>();
    return is_all ? done : some_refused;
}

}  // namespace portal
