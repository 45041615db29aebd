package io.tallymq.broker.routing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Headers (3.1.3.4): the message's headers satisfy the binding's arguments. Those that ask for all of their pairs stand in a tree, by
 * their pairs in the order of the headers' names; those that ask for any stand under each of theirs. So a search looks at what the message
 * has, not at all bindings: its work is at most the pairs of those bindings that begin like it.
 */
final class HeadersTable implements BindingTable {
    private static final class Node {
        /** Null for the root. */
        final Node parent;
        /** Bindings that are not dead, here and below. */
        int live;
        /** Looked up; also gone through, which finds some of them, and those are put in their order. */
        Map<HeaderPair, Node> children;

        Map<Binding, HeadersMatch> ends;

        Node(Node parent) {
            this.parent = parent;
        }

        boolean isEmpty() {
            return children == null && ends == null;
        }

        void add(Binding b, HeadersMatch m) {
            ends = ends == null ? new TreeMap<>() : ends;
            ends.put(b, m);
        }

        void remove(Binding b) {
            ends.remove(b);
            ends = ends.isEmpty() ? null : ends;
        }
    }

    /** A binding that asks for any of its pairs. */
    private static final class Any {
        final HeadersMatch match;
        long search;

        Any(HeadersMatch match) {
            this.match = match;
        }
    }

    private final Node all = new Node(null);
    /** Looked up, never gone through. */
    private final Map<HeaderPair, Map<Binding, Any>> any = new LinkedHashMap<>();

    /** Bindings that are not dead: a replica that was restored does not have the others. */
    private int live;

    private long searches;
    // Of the search in hand.
    private String[] names;
    private HeaderPair[] pairs;
    private Map<String, Object> headers;
    private RouteSearch found;
    private final ArrayDeque<Step> todo = new ArrayDeque<>();

    @Override
    public void add(Binding binding) {
        live++;
        HeadersMatch m = HeadersMatch.of(binding.key().arguments());
        if (m.asksForAll()) {
            Node n = all;
            for (HeaderPair p : m.pairs()) {
                n.children = n.children == null ? new LinkedHashMap<>() : n.children;
                Node parent = n;
                n = n.children.computeIfAbsent(p, x -> new Node(parent));
            }
            n.add(binding, m);
            binding.node = n;
            for (Node up = n; up != null; up = up.parent) {
                up.live++;
            }
            return;
        }
        Any entry = new Any(m);
        for (HeaderPair p : m.pairs()) {
            any.computeIfAbsent(p, x -> new TreeMap<>()).put(binding, entry);
        }
    }

    @Override
    public void lost(Binding binding) {
        live--;
        for (Node up = (Node) binding.node; up != null; up = up.parent) {
            up.live--;
        }
    }

    @Override
    public void remove(Binding binding) {
        HeadersMatch m = HeadersMatch.of(binding.key().arguments());
        if (m.asksForAll()) {
            removeFromTree(m.pairs(), binding);
            return;
        }
        for (HeaderPair p : m.pairs()) {
            Map<Binding, Any> same = any.get(p);
            same.remove(binding);
            if (same.isEmpty()) {
                any.remove(p);
            }
        }
    }

    private void removeFromTree(List<HeaderPair> pairs, Binding b) {
        List<Node> way = new ArrayList<>(pairs.size() + 1);
        way.add(all);
        for (HeaderPair p : pairs) {
            way.add(way.get(way.size() - 1).children.get(p));
        }
        way.get(pairs.size()).remove(b);
        for (int i = pairs.size(); i > 0 && way.get(i).isEmpty(); i--) {
            Node parent = way.get(i - 1);
            parent.children.remove(pairs.get(i - 1));
            parent.children = parent.children.isEmpty() ? null : parent.children;
        }
    }

    @Override
    public void match(String routingKey, RouteSearch search) {
        if (live == 0) {
            return;
        }
        RoutedMessage message = search.message();
        if (message == null) {
            return; // the search has noted that it can't be answered without a message
        }
        begin(message.headers(), search);
        descend();
        for (int i = 0; i < names.length && !any.isEmpty(); i++) {
            follow(any.get(HeaderPair.present(names[i])));
            follow(any.get(pairs[i]));
        }
        todo.clear();
        found = null;
        headers = null;
    }

    private void begin(Map<String, Object> of, RouteSearch search) {
        searches++;
        found = search;
        headers = of;
        names = new String[of.size()];
        pairs = new HeaderPair[of.size()];
        int i = 0;
        for (Map.Entry<String, Object> e : of.entrySet()) {
            names[i] = e.getKey();
            pairs[i++] = HeaderPair.of(e.getKey(), e.getValue());
        }
    }

    /** A node to be looked at, with the headers from this one on. */
    private record Step(Node node, int from) {}

    /** All in the tree that is satisfied. Without recursion: bindings may have thousands of pairs. */
    private void descend() {
        todo.push(new Step(all, 0));
        while (!todo.isEmpty() && !found.isTooLong()) {
            Step s = todo.pop();
            found.visited(1);
            if (s.node.ends != null) {
                s.node.ends.forEach((b, m) -> {
                    if (!b.dead && satisfies(m)) {
                        found.follow(b);
                    }
                });
            }
            if (s.node.children != null) {
                descend(s.node.children, s.from);
            }
        }
    }

    /** Of a binding that is not dead: what is looked at in vain counts. */
    private boolean satisfies(HeadersMatch m) {
        if (!m.looksCloser() || m.matches(headers)) {
            return true;
        }
        found.visited(m.size());
        return false;
    }

    /** A node that is there for a header, and whether for its value. */
    private record Found(Node node, int header, boolean byValue) {}

    private static final Comparator<Found> IN_ORDER =
            Comparator.comparingInt(Found::header).thenComparing(Found::byValue);

    /**
     * The smaller side is gone through, the other looked up. What is found is looked at in one order, by the headers, either way: how many children there
     * are and which came first is another thing on a replica that was restored.
     */
    private void descend(Map<HeaderPair, Node> children, int from) {
        if (children.size() < names.length - from) {
            List<Found> some = new ArrayList<>();
            children.forEach((pair, child) -> {
                int i = find(pair, from);
                if (i >= 0) {
                    some.add(new Found(child, i, pair.equals(pairs[i])));
                }
            });
            some.sort(IN_ORDER);
            some.forEach(f -> push(f.node, f.header + 1));
            return;
        }
        for (int i = from; i < names.length; i++) {
            push(children.get(HeaderPair.present(names[i])), i + 1);
            push(children.get(pairs[i]), i + 1);
        }
    }

    private void push(Node child, int from) {
        if (child != null && child.live > 0) {
            todo.push(new Step(child, from));
        }
    }

    /** The position of the header that satisfies a pair, -1 for none. They are in the order of their names. */
    private int find(HeaderPair pair, int from) {
        int i = Arrays.binarySearch(names, from, names.length, pair.name());
        return i >= 0 && (pair.equals(pairs[i]) || pair.equals(HeaderPair.present(names[i]))) ? i : -1;
    }

    private void follow(Map<Binding, Any> some) {
        if (some == null) {
            return;
        }
        some.forEach((b, entry) -> {
            if (!b.dead && entry.search != searches && !found.isTooLong() && satisfies(entry.match)) {
                entry.search = searches; // each once, however many of its pairs the message has
                found.follow(b);
            }
        });
    }
}
