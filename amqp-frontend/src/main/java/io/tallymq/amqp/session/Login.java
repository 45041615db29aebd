package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a client claims to be: user and password out of a SASL response (connection.start-ok). */
final class Login {
    static final String PLAIN = "PLAIN";
    static final String AMQPLAIN = "AMQPLAIN";
    /** As connection.start lists them. */
    static final String MECHANISMS = PLAIN + " " + AMQPLAIN;

    private final String user;
    private final byte[] password;

    private Login(String user, byte[] password) {
        this.user = user;
        this.password = password;
    }

    String user() {
        return user;
    }

    byte[] password() {
        return password;
    }

    /** Who has shown a certificate need not say more (RFC 4422, appendix A). */
    static final String EXTERNAL = "EXTERNAL";

    /**
     * What connection.start offers.
     *
     * @param certificate the name in the client's certificate, null for none
     */
    static String mechanisms(String certificate) {
        return certificate == null ? MECHANISMS : MECHANISMS + " " + EXTERNAL;
    }

    static boolean knows(String mechanism, String certificate) {
        return mechanism.equals(PLAIN)
                || mechanism.equals(AMQPLAIN)
                || mechanism.equals(EXTERNAL) && certificate != null;
    }

    /** Null if the response is not what the mechanism wants. */
    static Login read(String mechanism, LongString response) {
        byte[] octets = response.toByteArray();
        return mechanism.equals(PLAIN) ? plain(octets) : amqplain(octets);
    }

    /** RFC 4616: authorization identity, NUL, user, NUL, password. Nobody may act for somebody else. */
    private static Login plain(byte[] octets) {
        int first = indexOfNul(octets, 0);
        int second = first < 0 ? -1 : indexOfNul(octets, first + 1);
        if (second < 0) {
            return null;
        }
        String actFor = new String(octets, 0, first, StandardCharsets.UTF_8);
        String user = new String(octets, first + 1, second - first - 1, StandardCharsets.UTF_8);
        if (!actFor.isEmpty() && !actFor.equals(user)) {
            return null;
        }
        return new Login(user, Arrays.copyOfRange(octets, second + 1, octets.length));
    }

    private static int indexOfNul(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    /** A table without its length, with LOGIN and PASSWORD. */
    private static Login amqplain(byte[] octets) {
        try {
            FieldTable table = FieldTable.decode(octets);
            String user = table.getString("LOGIN");
            String password = table.getString("PASSWORD");
            return user == null || password == null ? null : new Login(user, password.getBytes(StandardCharsets.UTF_8));
        } catch (WireException e) {
            return null;
        }
    }

    /** Without the password: it has no place in a log. */
    @Override
    public String toString() {
        return "Login[user=" + user + "]";
    }
}
