package io.tallymq.broker.routing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The binding keys of a topic exchange as a tree of words. A search holds the set of all nodes it can be at and steps
 * through the key word by word, so its work is at most words times nodes, never exponential in the number of '#'. It does not enter what has nothing but
 * dead bindings below it, so that the nodes it visits do not tell what is taken out already.
 */
final class TopicTrie implements BindingTable {
    private static final class Node {
        final Node parent;
        final String word;
        final boolean anyWords;
        /** One of those below it that stand for a word of their own: a long key has a node for each word, and most have no other. */
        Node literal;
        /** The others; null for none. Looked up, never iterated. */
        Map<String, Node> literals;

        Node oneWord;
        Node manyWords;
        TreeSet<Binding> ends;
        /** How many of its ends are not dead, and of the nodes below it that are not. */
        int live;

        long step;

        Node(Node parent, String word) {
            this.parent = parent;
            this.word = word;
            this.anyWords = word.equals(TopicPattern.ANY_WORDS);
        }

        boolean isEmpty() {
            return literal == null && literals == null && oneWord == null && manyWords == null && ends == null;
        }

        Node child(String w) {
            return switch (w) {
                case TopicPattern.ONE_WORD -> oneWord;
                case TopicPattern.ANY_WORDS -> manyWords;
                default -> literal(w);
            };
        }

        Node literal(String w) {
            if (literal != null && literal.word.equals(w)) {
                return literal;
            }
            return literals == null ? null : literals.get(w);
        }

        Node childOrNew(String w) {
            Node c = child(w);
            if (c == null) {
                c = new Node(this, w);
                setChild(w, c);
            }
            return c;
        }

        void setChild(String w, Node c) {
            switch (w) {
                case TopicPattern.ONE_WORD -> oneWord = c;
                case TopicPattern.ANY_WORDS -> manyWords = c;
                default -> setLiteral(w, c);
            }
        }

        private void setLiteral(String w, Node c) {
            if (c == null) {
                removeLiteral(w);
            } else if (literal == null) {
                literal = c;
            } else {
                literals = literals == null ? new LinkedHashMap<>() : literals;
                literals.put(w, c);
            }
        }

        private void removeLiteral(String w) {
            if (literal != null && literal.word.equals(w)) {
                literal = null;
                return;
            }
            literals.remove(w);
            if (literals.isEmpty()) {
                literals = null;
            }
        }
    }

    private final Node root = new Node(null, "");
    private List<Node> at = new ArrayList<>();
    private List<Node> next = new ArrayList<>();
    private long step;
    /** In hand. */
    private RouteSearch search;

    @Override
    public void add(Binding binding) {
        Node n = root;
        for (String w : TopicPattern.patternWords(binding.key().routingKey())) {
            n = n.childOrNew(w);
        }
        if (n.ends == null) {
            n.ends = new TreeSet<>();
        }
        n.ends.add(binding);
        binding.node = n;
        for (Node up = n; up != null && up.live++ == 0; up = up.parent) {}
    }

    @Override
    public void lost(Binding binding) {
        for (Node up = (Node) binding.node; up != null && --up.live == 0; up = up.parent) {}
    }

    @Override
    public void remove(Binding binding) {
        Node n = root;
        for (String w : TopicPattern.patternWords(binding.key().routingKey())) {
            n = n.child(w);
        }
        n.ends.remove(binding);
        if (n.ends.isEmpty()) {
            n.ends = null;
        }
        while (n.parent != null && n.isEmpty()) {
            n.parent.setChild(n.word, null);
            n = n.parent;
        }
    }

    @Override
    public boolean looksAtKeys() {
        return true;
    }

    @Override
    public void match(String routingKey, RouteSearch found) {
        step++;
        search = found;
        at.clear();
        enter(root, at);
        int from = 0;
        while (from >= 0 && !routingKey.isEmpty() && !at.isEmpty()) {
            int dot = routingKey.indexOf('.', from);
            if (found.isTooLong()) {
                break;
            }
            advance(dot < 0 ? routingKey.substring(from) : routingKey.substring(from, dot));
            from = dot < 0 ? -1 : dot + 1;
        }
        search = null;
        if (found.isTooLong()) {
            return;
        }
        for (Node n : at) {
            if (n.ends != null) {
                n.ends.forEach(found::follow);
            }
        }
    }

    private void advance(String word) {
        step++;
        next.clear();
        for (Node n : at) {
            if (search.isTooLong()) {
                break;
            }
            if (n.anyWords) {
                enter(n, next);
            }
            if (n.oneWord != null) {
                enter(n.oneWord, next);
            }
            Node literal = n.literal(word);
            if (literal != null) {
                enter(literal, next);
            }
        }
        List<Node> old = at;
        at = next;
        next = old;
    }

    /** Being at a node is also being at the '#' below it, which may stand for no word. There is no '#' below a '#'. */
    private void enter(Node n, List<Node> into) {
        if (n.step != step && n.live > 0) {
            n.step = step;
            search.visited(1);
            into.add(n);
            if (n.manyWords != null) {
                enter(n.manyWords, into);
            }
        }
    }

    /** True when nothing is left of what was added. */
    boolean isEmpty() {
        return root.isEmpty();
    }
}
