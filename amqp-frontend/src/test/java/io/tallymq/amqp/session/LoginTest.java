package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** connection.start-ok: SASL responses and who is let in. */
class LoginTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static InetAddress remote() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 1, 2, 3});
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void plainIsIdentityUserPassword() {
        Login login = Login.read("PLAIN", LongString.of("\0guest\0secret"));
        assertEquals("guest", login.user());
        assertEquals("secret", new String(login.password(), StandardCharsets.UTF_8));
        assertFalse(login.toString().contains("secret"), "a password has no place in a log");
    }

    @Test
    void plainWithoutPasswordFieldIsNoLogin() {
        assertNull(Login.read("PLAIN", LongString.of("guest")));
        assertNull(Login.read("PLAIN", LongString.of("\0guest")));
        assertNull(Login.read("PLAIN", LongString.EMPTY));
    }

    /** Nobody acts for somebody else; to act for oneself says nothing new. */
    @Test
    void plainWithAnotherIdentityIsNoLogin() {
        assertNull(Login.read("PLAIN", LongString.of("other\0guest\0guest")));
        assertEquals(
                "guest",
                Login.read("PLAIN", LongString.of("guest\0guest\0guest")).user());
    }

    @Test
    void amqplainIsATable() {
        FieldTable table = FieldTable.of(Map.of("LOGIN", "guest", "PASSWORD", "pw"));
        Login login = Login.read("AMQPLAIN", LongString.copyOf(table.toByteArray()));
        assertEquals("guest", login.user());
        assertEquals("pw", new String(login.password(), StandardCharsets.UTF_8));
        assertNull(Login.read("AMQPLAIN", LongString.of("no table")));
        assertNull(Login.read("AMQPLAIN", LongString.EMPTY));
    }
}
