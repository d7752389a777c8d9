#include "parser/html/tree.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/html/serialize.h"

using thresh::html::Arena;
using thresh::html::ClassBits;
using thresh::html::IdBits;
using thresh::html::kDocumentNode;
using thresh::html::kFirstPageAtom;
using thresh::html::kNoNode;
using thresh::html::Namespace;
using thresh::html::NameTable;
using thresh::html::NodeId;
using thresh::html::Tree;

struct TreeFixture {
  NodeId Element(NodeId parent, std::string_view name) {
    return tree.AppendElement(parent, tree.NameFromPage(name), Namespace::kHtml);
  }
  std::string OuterHtml(NodeId node) {
    std::string html;
    AppendOuterHtml(tree, node, &html);
    return html;
  }

  NameTable names;
  Tree tree{names};
};

TEST_SUITE("Tree") {
  TEST_CASE_FIXTURE(TreeFixture, "a new tree is a lone document node") {
    CHECK(tree.size() == 1);
    CHECK(tree.End(kDocumentNode) == 1);
    CHECK(tree.node(kDocumentNode).first_child == kNoNode);
  }

  TEST_CASE_FIXTURE(TreeFixture, "the descendants of a node are the ids up to its end") {
    const NodeId html = Element(kDocumentNode, "html");
    const NodeId head = Element(html, "head");
    const NodeId title = Element(head, "title");
    const NodeId body = Element(html, "body");
    const NodeId text = tree.AppendText(body, "x");

    CHECK(tree.End(head) == body);
    CHECK(tree.End(title) == body);
    CHECK(tree.End(html) == tree.size());
    CHECK(tree.node(head).next_sibling == body);
    CHECK(tree.node(body).prev_sibling == head);
    CHECK(tree.node(body).last_child == text);
    CHECK(tree.node(text).parent == body);
  }

  TEST_CASE_FIXTURE(TreeFixture, "attributes keep their order and are found by name") {
    const NodeId a = Element(kDocumentNode, "a");
    tree.AddAttribute(tree.NameFromPage("href"), "/x");
    tree.AddAttribute(tree.NameFromPage("title"), "");

    CHECK(tree.Find(tree.node(a), names.Find("href")) == "/x");
    CHECK(tree.Find(tree.node(a), names.Find("title")) == "");
    CHECK_FALSE(tree.Find(tree.node(a), names.Find("class")));
    CHECK(tree.attribute(tree.node(a), 1).value == "");
  }

  TEST_CASE_FIXTURE(TreeFixture, "token bits hold every class and the id, blind to case") {
    const NodeId p = Element(kDocumentNode, "p");
    tree.AddAttribute(names.Find("class"), " red\tBig ");
    tree.AddAttribute(names.Find("id"), "Top");
    const auto has = [&](std::uint64_t bits) { return (tree.node(p).token_bits & bits) == bits; };

    CHECK(has(ClassBits("red")));
    CHECK(has(ClassBits("big")));
    CHECK(has(IdBits("top")));
    CHECK(ClassBits("top") != IdBits("top"));
  }

  TEST_CASE_FIXTURE(TreeFixture, "ranks count elements only, from both ends, by type too") {
    const NodeId ul = Element(kDocumentNode, "ul");
    tree.AppendText(ul, " ");
    const NodeId li = Element(ul, "li");
    tree.AppendComment(ul, "-");
    const NodeId p = Element(ul, "p");
    const NodeId last = Element(ul, "li");

    CHECK(tree.rank(li).from_start == 1);
    CHECK(tree.rank(p).from_start == 2);
    CHECK(tree.rank(p).from_end == 2);
    CHECK(tree.rank(p).of_type_from_end == 1);
    CHECK(tree.rank(last).of_type_from_start == 2);
    CHECK(tree.rank(li).of_type_from_end == 2);

    const NodeId more = Element(ul, "li");  // Ranks follow a change.
    CHECK(tree.rank(more).of_type_from_start == 3);
    CHECK(tree.rank(li).from_end == 4);
  }

  TEST_CASE_FIXTURE(TreeFixture, "a name beyond the table's room still prints, page after page") {
    for (int i = 0; names.InternFromPage("junk-" + std::to_string(i)) != 0; ++i) {
    }
    for (int page = 0; page < 2; ++page) {
      tree.Clear();
      const NodeId a = Element(kDocumentNode, "x-a-rather-long-custom-name");
      const NodeId b = Element(a, "x-a-rather-long-custom-name");

      CHECK(tree.node(a).name >= kFirstPageAtom);
      CHECK(tree.node(a).name == tree.node(b).name);
      CHECK(tree.rank(b).of_type_from_start == 1);
      CHECK(OuterHtml(b) == "<x-a-rather-long-custom-name></x-a-rather-long-custom-name>");
    }
  }

  TEST_CASE_FIXTURE(TreeFixture, "a cleared tree remembers nothing") {
    tree.AddAttribute(names.Find("id"), (Element(kDocumentNode, "p"), "x"));
    tree.set_quirks(true);
    tree.Clear();

    CHECK(tree.size() == 1);
    CHECK_FALSE(tree.quirks());
    CHECK(tree.node(Element(kDocumentNode, "b")).attribute_count == 0);
  }
}

TEST_SUITE("Arena") {
  TEST_CASE("copies stay where they are, also large ones, and memory is used again") {
    Arena arena;
    const auto small = arena.Copy("abc");
    const std::string big(300'000, 'x');
    CHECK(arena.Copy(big) == big);
    for (int i = 0; i < 1000; ++i) {
      CHECK(reinterpret_cast<std::uintptr_t>(arena.Allocate(100, 16)) % 16 == 0);
    }
    CHECK(small == "abc");

    const auto before = arena.capacity_bytes();
    arena.Clear();
    CHECK(arena.Copy(big) == big);
    CHECK(arena.capacity_bytes() == before);
  }

  TEST_CASE("what one huge page needed is given back") {
    Arena arena;
    (void)arena.Allocate(std::size_t{64} << 20);
    arena.Clear();
    CHECK(arena.capacity_bytes() == 0);
  }
}
