package io.tallymq.node.config;

/**
 * What somebody wrote for a key.
 *
 * @param text as written, without surrounding blanks
 * @param origin where, for people: {@code default}, {@code tallymq.conf line 3}, {@code environment TALLYMQ_NODE_NAME},
 *     {@code --set}
 */
record Setting(String text, String origin) {
    static final String DEFAULT = "default";
}
