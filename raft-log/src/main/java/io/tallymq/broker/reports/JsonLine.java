package io.tallymq.broker.reports;

import java.util.List;

/** An object of JSON (RFC 8259) in one line, member by member. */
final class JsonLine {
    private final StringBuilder out = new StringBuilder(160).append('{');

    JsonLine text(String name, String value) {
        name(name);
        quoted(value);
        return this;
    }

    JsonLine number(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    JsonLine texts(String name, List<String> values) {
        name(name);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            quoted(values.get(i));
        }
        out.append(']');
        return this;
    }

    String end() {
        return out.append('}').toString();
    }

    private void name(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        quoted(name);
        out.append(':');
    }

    private void quoted(String s) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (isEscaped(c)) {
                hex(c);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** What nobody sees, or what is half of a character. Not a question of the Unicode that this version of Java knows: all nodes write the same. */
    private static boolean isEscaped(char c) {
        boolean control = c < ' ' || c >= 0x7f && c < 0xa0;
        boolean invisible = c >= 0x2000 && c < 0x2070 || c >= 0xfdd0;
        return control || invisible || Character.isSurrogate(c);
    }

    private void hex(char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(c >> shift & 0xf, 16));
        }
    }
}
