package io.tallymq.admin.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tallymq.admin.request.Caller;
import java.util.List;

/**
 * How a browser keeps a session. Its name has the port by which the browser knows this server, for cookies are not told apart by port: nodes on
 * one machine would log each other's users out.
 */
final class SessionCookie {
    /** What the page sends with each request, and another site's page can't without being asked for leave (CORS), which nobody gets. */
    static final String PAGE_HEADER = "X-Requested-With";

    static final String PAGE = "TallyMQ";
    private static final String NAME = "tallymq";

    private SessionCookie() {}

    /** Whether this server's own page sent it. That an Origin is another one's is found elsewhere. */
    static boolean isOfPage(HttpHeaders headers) {
        return PAGE.equalsIgnoreCase(headers.get(PAGE_HEADER)) || headers.contains(HttpHeaderNames.ORIGIN);
    }

    private static String name(String host) {
        int colon = host == null ? -1 : host.lastIndexOf(':');
        String port = colon < 0 ? "" : host.substring(colon + 1);
        return !port.isEmpty() && port.chars().allMatch(c -> c >= '0' && c <= '9') ? NAME + "_" + port : NAME;
    }

    /**
     * The session that a request shows.
     *
     * @param cookies its headers Cookie
     * @param host its header Host, or null
     * @return null for none
     */
    static String find(List<String> cookies, String host) {
        if (cookies.isEmpty()) {
            return null;
        }
        String begin = name(host) + "=";
        for (String header : cookies) {
            for (String cookie : header.split(";")) {
                if (cookie.strip().startsWith(begin)) {
                    return cookie.strip().substring(begin.length());
                }
            }
        }
        return null;
    }

    /** The header Set-Cookie that has the browser keep the session until it is closed. */
    static String of(String token, Caller caller) {
        return name(caller.host()) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict"
                + (caller.secure() ? "; Secure" : "");
    }

    /** The one that has it forget the session. */
    static String none(Caller caller) {
        return of("", caller) + "; Max-Age=0";
    }
}
