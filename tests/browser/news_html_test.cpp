// What becomes of HTML and Markdown is shown by a real browser: nothing runs, nothing is asked for
// but pictures and embeds, and what it reads is what was written.
#include "news_html.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>

#include "../news/hostile_html.hpp"
#include "http/scripted_upstream.hpp"
#include "markdown.hpp"
#include "page.hpp"
#include "support/catch.hpp"
#include "support/chromium.hpp"
#include "support/process.hpp"
#include "support/skip.hpp"
#include "support/temporary_folder.hpp"

namespace tests {

namespace {

using Json = nlohmann::json;

const std::vector<std::string> known_hosts = {"video.example"};

struct Batch {
    bool alone = false;  ///< each in a page of its own
    std::vector<std::string> texts{};
};

/// Gives the next batch; one of nothing is the end.
using Source = std::function<Batch()>;

/// Serves the page, and waits for what it says.
class Judge {
public:
    explicit Judge(Source source)
        : source_(std::move(source)),
          server_({[this](ScriptedUpstream::Peer& peer) { serve(peer); }}) {
        server_.remember_nothing();
    }

    Json verdict(std::chrono::seconds patience) {
        support::Chromium chromium("http://127.0.0.1:" + std::to_string(server_.address().port) +
                                   "/");
        std::unique_lock lock(mutex_);
        said_.wait_for(lock, patience, [&] { return verdict_.has_value(); });
        if (!verdict_) return {{"shown", 0}, {"faults", {"it said nothing: " + chromium.errors()}}};
        return *verdict_;
    }

private:
    void serve(ScriptedUpstream::Peer& peer) {
        for (;;) {
            auto request = peer.request();
            if (request.empty()) return;
            auto answer = answer_to(request);
            if (peer.send(answer) < answer.size()) return;
        }
    }

    std::string answer_to(const std::string& request) {
        if (request.starts_with("GET / ")) {
            return answer("text/html", judging_page(),
                          "Content-Security-Policy-Report-Only: " + judging_policy() + "\r\n");
        }
        std::lock_guard lock(mutex_);
        if (request.starts_with("GET /texts ")) {
            auto batch = source_();
            return answer("application/json",
                          Json{{"alone", batch.alone}, {"texts", batch.texts}}.dump());
        }
        if (request.starts_with("POST /verdict ")) {
            verdict_ = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
            said_.notify_all();
            return answer("application/json", "{}");
        }
        // A picture: there is none.
        return answer("image/png", "", "Cache-Control: max-age=3600\r\n");
    }

    static std::string answer(const std::string& type, const std::string& body,
                              const std::string& fields = "") {
        return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    Source source_;
    std::mutex mutex_;
    std::condition_variable said_;
    std::optional<Json> verdict_{};
    ScriptedUpstream server_;
};

/// Batches of texts that are there already.
Source one_after_another(std::vector<Batch> batches) {
    auto left = std::make_shared<std::deque<Batch>>(batches.begin(), batches.end());
    return [left] {
        if (left->empty()) return Batch();
        auto batch = std::move(left->front());
        left->pop_front();
        return batch;
    };
}

std::string clean(std::string_view html) {
    return news::clean_html(html, known_hosts).html;
}

std::vector<Batch> hostile_ones() {
    constexpr std::size_t together = 60;
    std::vector<std::string> texts;
    for (const auto& html : news::hostile_html()) texts.push_back(clean(html));
    for (const auto& markdown : news::hostile_markdown()) {
        texts.push_back(clean(news::html_of_markdown(markdown, 1024 * 1024).value()));
    }
    std::vector<Batch> batches{{false, texts}};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i % together == 0) batches.push_back({true, {}});
        batches.back().texts.push_back(texts[i]);
    }
    return batches;
}

}  // namespace

TEST_CASE("a browser finds what is harmful where nothing was cleaned", "[browser]") {
    if (!support::Chromium::is_installed())
        return support::skip("there is no Chromium (apt-get install chromium-headless-shell)");
    const std::vector<std::string> harmful = {
        "<img src=\"/1\" alt=\"1\" onerror=\"alert(1)\">",
        "<a href=\"javascript:alert(1)\">2</a>",
        "<svg><a>3</a></svg>",
        "<p>4",
        "<iframe src=\"https://evil.example/5\"></iframe>",
        "<!-- 6 -->",
        "<p style=\"color:red\">7</p>",
        "<p>8<div data-block=\"x\">8</div></p>",
    };
    const std::string good = "<p>a&nbsp;<em>b</em></p>";
    // Each as a part of a page that is there, and of one that is being read.
    for (bool alone : {false, true}) {
        std::vector<Batch> batches{{alone, {good}}};
        for (const auto& text : harmful) batches.push_back({alone, {text}});
        auto verdict = Judge(one_after_another(batches)).verdict(std::chrono::seconds(60));
        CHECK(verdict["shown"] == batches.size());
        auto faults = verdict["faults"].dump();
        INFO(faults);
        for (const auto& text : harmful) {
            auto quoted = Json(text).dump();
            CHECK(faults.find(quoted.substr(1, quoted.size() - 2)) != faults.npos);
        }
        CHECK(faults.find("a script ran") != faults.npos);
        CHECK(faults.find("against the policy: script-src-attr") != faults.npos);
        CHECK(faults.find("against the policy: frame-src https://evil.example") != faults.npos);
        CHECK(faults.find(good) == faults.npos);
    }
}

TEST_CASE("a browser finds nothing in what becomes of hostile HTML and Markdown", "[browser]") {
    if (!support::Chromium::is_installed())
        return support::skip("there is no Chromium (apt-get install chromium-headless-shell)");
    auto batches = hostile_ones();
    std::size_t expected = 0;
    for (const auto& batch : batches) expected += batch.texts.size();

    auto verdict = Judge(one_after_another(std::move(batches))).verdict(std::chrono::seconds(120));

    CHECK(verdict["shown"] == expected);
    CHECK(verdict["faults"] == Json::array());
}

TEST_CASE("a browser finds nothing in whatever becomes of hostile HTML", "[browser]") {
    if (!support::Chromium::is_installed())
        return support::skip("there is no Chromium (apt-get install chromium-headless-shell)");
    bool is_long = std::getenv("PORTAL_TEST_LONG") != nullptr;
    const int count = is_long ? 1000000 : 2000;
    constexpr int together = 1000;
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    int made = 0;
    Source source = [&] {
        Batch batch;
        for (int i = 0; i < together && made < count; ++i, ++made) {
            auto html = news::mutated_html(random);
            batch.texts.push_back(clean(html));
        }
        return batch;
    };

    auto verdict = Judge(source).verdict(std::chrono::seconds(is_long ? 3600 : 120));

    CHECK(verdict["shown"] == count);
    CHECK(verdict["faults"] == Json::array());
}

TEST_CASE("another sanitizer finds nothing to do in what becomes of hostile HTML", "[browser]") {
    auto python = std::filesystem::path(PORTAL_SOURCE_DIR) / "build/browser/bin/python";
    if (!std::filesystem::exists(python)) {
        return support::skip("there is no second sanitizer (./dev test installs it)");
    }
    const int count = std::getenv("PORTAL_TEST_LONG") ? 1000000 : 2000;
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    support::TemporaryFolder folder;
    auto judge = [&](const std::vector<std::string>& texts) {
        std::ofstream file(folder / "texts");
        for (const auto& text : texts) file << Json(text) << '\n';
        file.close();
        support::Process::Options options;
        options.arguments = {"-B",
                             std::string(PORTAL_SOURCE_DIR) + "/tests/browser/second_sanitizer.py",
                             (folder / "texts").string()};
        return support::run(python, options, std::chrono::minutes(20));
    };
    std::vector<std::string> texts;
    for (const auto& batch : hostile_ones()) {
        if (!batch.alone) texts = batch.texts;
    }
    for (int i = 0; i < count; ++i) texts.push_back(clean(news::mutated_html(random)));
    auto verdict = judge(texts);
    INFO(verdict.output << verdict.errors);
    CHECK(verdict.code == 0);
    CHECK(verdict.output.ends_with(std::to_string(texts.size()) + " texts, 0 changed\n"));

    auto found = judge({"<p>a</p>", "<p onclick=\"x\">a</p>", "<script>x</script>", "<p>a"});
    CHECK(found.output.ends_with("4 texts, 3 changed\n"));
}

}  // namespace tests
