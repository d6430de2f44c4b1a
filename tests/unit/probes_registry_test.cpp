// Provider names, wildcards, and how an attach point is split.
#include "unit/probes_expand.h"

#include <gtest/gtest.h>

namespace trapline::probes {
namespace {

TEST(Matches, StarIsAnyText) {
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("sched_*", "sched_switch"));
  EXPECT_TRUE(matches("*_mutex_*lock", "pthread_mutex_trylock"));
  EXPECT_TRUE(matches("a**c", "abc"));
  EXPECT_TRUE(matches("*aab", "aaaab"));
  EXPECT_FALSE(matches("sched_*", "xsched_switch"));
  EXPECT_FALSE(matches("*lock", "pthread_mutex_lock_"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("a[bc]", "a[bc]"));
  EXPECT_FALSE(matches("a?", "ab"));
}

TEST(FindProvider, FullNamesIgnoreCaseAndAliasesDoNot) {
  EXPECT_EQ(find_provider("BEGIN"), find_provider("begin"));
  EXPECT_EQ(find_provider("Tracepoint"), find_provider("t"));
  EXPECT_EQ(find_provider("u")->name(), "uprobe");
  EXPECT_EQ(find_provider("U")->name(), "usdt");
  EXPECT_EQ(find_provider("T"), nullptr);
  EXPECT_EQ(find_provider(""), nullptr);
}

TEST(FindProvider, EveryProviderIsFoundByItsNames) {
  for (const Provider* provider : providers()) {
    EXPECT_EQ(find_provider(provider->name()), provider);
    for (std::string_view alias : provider->aliases()) EXPECT_EQ(find_provider(alias), provider) << alias;
    EXPECT_FALSE(provider->summary().empty());
    EXPECT_FALSE(provider->form().empty());
  }
}

TEST(ParseSpec, SplitsAndKeepsPlaces) {
  Diagnostics diags;
  const auto spec = parse_spec("uprobe:/bin/bash:main", {100, 121}, diags);
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->provider, "uprobe");
  EXPECT_EQ(spec->parts, (std::vector<std::string>{"/bin/bash", "main"}));
  EXPECT_EQ(spec->part_span(0).end, 106u);
  EXPECT_EQ(spec->part_span(2).begin, 117u);
  EXPECT_EQ(spec->part_span(2).end, 121u);
  EXPECT_EQ(spec->part_span(3).begin, 100u) << "no such part: everything";
}

TEST(ParseSpec, QuotesProtectColonsAndAreRemoved) {
  Diagnostics diags;
  const auto spec = parse_spec(R"(usdt:/x:"a:b \"c\"")", {}, diags);
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->parts, (std::vector<std::string>{"/x", "a:b \"c\""}));
}

TEST(ParseSpec, EmptyPartsStay) {
  Diagnostics diags;
  EXPECT_EQ(parse_spec("hardware:cache-misses:", {}, diags)->parts, (std::vector<std::string>{"cache-misses", ""}));
  EXPECT_EQ(parse_spec("U::p:n", {}, diags)->parts, (std::vector<std::string>{"", "p", "n"}));
  EXPECT_TRUE(parse_spec("begin", {}, diags)->parts.empty());
}

TEST(ParseSpec, ASubstitutedParameterHasNoExactPlace) {
  Diagnostics diags;
  const auto spec = parse_spec("interval:ms:250", {10, 23}, diags); // `interval:ms:$1`
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->part_span(2).begin, 10u);
  EXPECT_EQ(spec->part_span(2).end, 23u);
}

TEST(ParseSpec, UnknownProvidersGetAHint) {
  Diagnostics diags;
  EXPECT_FALSE(parse_spec("tracepont:a:b", {0, 13}, diags));
  ASSERT_TRUE(diags.has(DiagId::UnknownProvider));
  EXPECT_EQ(diags.all()[0].span.end, 9u);
  EXPECT_EQ(diags.all()[0].hints, std::vector<std::string>{"did you mean `tracepoint`?"});
  EXPECT_FALSE(parse_spec("T:a:b", {0, 5}, diags));
  EXPECT_EQ(diags.all()[1].hints, std::vector<std::string>{"did you mean `tracepoint`?"});
}

TEST(ExpandProviderWildcard, KernelEventsOrFiles) {
  Diagnostics diags;
  auto names = [&](std::string_view text) {
    std::vector<std::string> found;
    for (const Spec& spec : expand_provider_wildcard(*parse_spec(text, {}, diags))) found.push_back(spec.provider);
    return found;
  };
  EXPECT_EQ(names("*:sched:*"), (std::vector<std::string>{"tracepoint", "rawtracepoint", "software", "hardware"}));
  EXPECT_EQ(names("*tracepoint:sched:*"), (std::vector<std::string>{"tracepoint", "rawtracepoint"}));
  EXPECT_EQ(names("u*:/bin/bash:main"), (std::vector<std::string>{"uprobe", "usdt"}));
  EXPECT_EQ(names("u:/bin/bash:main"), std::vector<std::string>{"u"});
  EXPECT_TRUE(names("zz*:a").empty());
}

TEST(Unsupported, SayWhatIsMissing) {
  FakeSystem system;
  for (std::string_view text : {"kprobe:f", "kr:f", "kfunc:f", "fr:f", "w:0x10:8:w", "iter:task"}) {
    const auto result = testing_support::expand(text, system);
    EXPECT_TRUE(result.diags.has(DiagId::ProviderUnavailable)) << text;
  }
  EXPECT_NE(find_provider("k")->unavailable(system)->find("CONFIG_KPROBES"), std::string::npos);
  system.kernel_features.kprobes = true;
  EXPECT_EQ(find_provider("k")->unavailable(system)->find("CONFIG_KPROBES"), std::string::npos);
}

TEST(BeginEnd, StandAlone) {
  FakeSystem system;
  const auto begin = testing_support::expand("BEGIN", system), end = testing_support::expand("end", system);
  EXPECT_EQ(begin.names(), std::vector<std::string>{"begin"});
  EXPECT_EQ(begin.only().role, ProbeRole::Begin);
  EXPECT_EQ(end.only().role, ProbeRole::End);
  EXPECT_FALSE(begin.only().context.has_args);
  EXPECT_TRUE(testing_support::expand("begin:x", system).diags.has(DiagId::MalformedProbe));
}

} // namespace
} // namespace trapline::probes
