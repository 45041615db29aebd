package io.tallymq.tally.output;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Texts of others, made fit for a terminal: names and messages may hold its control characters. */
public final class Plain {
    private static final int WIDE_FROM = 0x1100;

    private Plain() {}

    /** On one line. */
    public static String text(String text) {
        return replaced(text, false);
    }

    /** Line ends stay. */
    public static String lines(String text) {
        return replaced(text, true);
    }

    private static String replaced(String text, boolean lines) {
        if (text.codePoints().noneMatch(c -> isControl(c, lines))) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isControl(c, lines)) {
                plain.append(String.format("\\u%04x", c));
            } else {
                plain.appendCodePoint(c);
            }
        });
        return plain.toString();
    }

    private static boolean isControl(int c, boolean lines) {
        if (lines && (c == '\n' || c == '\t')) {
            return false;
        }
        // also what turns the direction of writing around
        return Character.isISOControl(c) || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    }

    /** An address that was given with a login, as it may be shown: there may be a password in it. */
    public static String withoutLogin(String address) {
        int at = address.lastIndexOf('@');
        int scheme = address.indexOf("://");
        return at < 0 ? address : address.substring(0, scheme < 0 ? 0 : scheme + 3) + "..." + address.substring(at);
    }

    /** The same of all URLs in a text. */
    public static String withoutLogins(String text) {
        return text.replaceAll("://[^\\s'\",]*@", "://...@");
    }

    /** Why a file could not be had: Java often names the file only. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        } else if (e instanceof AccessDeniedException) {
            return "you may not";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Columns of a terminal that a text takes, as far as that can be known. */
    public static int width(String text) {
        return text.codePoints().map(Plain::width).sum();
    }

    private static int width(int c) {
        int kind = Character.getType(c);
        if (kind == Character.NON_SPACING_MARK || kind == Character.ENCLOSING_MARK || kind == Character.FORMAT) {
            return 0;
        }
        return c >= WIDE_FROM && isWide(c) ? 2 : 1;
    }

    private static boolean isWide(int c) {
        return c <= 0x115f
                || c >= 0x2e80 && c <= 0xa4cf
                || c >= 0xac00 && c <= 0xd7a3
                || c >= 0xf900 && c <= 0xfaff
                || c >= 0xfe30 && c <= 0xfe6f
                || c >= 0xff00 && c <= 0xff60
                || c >= 0xffe0 && c <= 0xffe6
                || c >= 0x1f300 && c <= 0x1faff
                || c >= 0x20000 && c <= 0x3fffd;
    }
}
