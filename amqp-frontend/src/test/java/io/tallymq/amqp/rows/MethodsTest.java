package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.ServerCase;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Methods that the real client does not have, and reply codes that nobody is told. */
class MethodsTest extends ServerCase {
    /** Nobody is asked twice, so nobody has an answer to that. */
    @Test
    @Row({"connection.secure", "connection.secure-ok"})
    void nobodyIsAskedTwice() throws IOException {
        for (Method method : List.of(
                new ConnectionMethod.SecureOk(LongString.of("again")),
                new ConnectionMethod.Secure(LongString.of("?")))) {
            try (RawClient early = server.raw().protocolHeader();
                    RawClient late = server.raw().open()) {
                early.expect(ConnectionMethod.Start.class);
                early.send(0, method);
                assertEquals(504, early.expect(ConnectionMethod.Close.class).replyCode());
                late.send(0, method);
                assertEquals(504, late.expect(ConnectionMethod.Close.class).replyCode());
            }
        }
    }

    /** Without an answer: what comes again tells that it was heard. */
    @Test
    @Row("basic.recover-async")
    void recoverAsync() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new QueueMethod.Declare("again", false, false, true, false, false, FieldTable.EMPTY));
            client.expect(QueueMethod.DeclareOk.class);
            client.send(1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("again"), false, false));
            client.header(1, 60, 0);
            client.send(1, new BasicMethod.Consume("again", "t", false, false, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            assertEquals(false, client.expect(BasicMethod.Deliver.class).redelivered());
            client.send(1, new BasicMethod.RecoverAsync(true));
            BasicMethod.Deliver again = client.expect(BasicMethod.Deliver.class);
            assertEquals(true, again.redelivered());
            assertEquals(2, again.deliveryTag());
            client.send(1, new BasicMethod.RecoverAsync(false));
            assertEquals(540, client.expect(ConnectionMethod.Close.class).replyCode());
        }
    }

    /** The code's only place is the list of all. */
    @ParameterizedTest
    @Row({"311", "313", "402", "502"})
    @EnumSource(names = {"CONTENT_TOO_LARGE", "NO_CONSUMERS", "INVALID_PATH", "SYNTAX_ERROR"})
    void codesThatNobodyIsTold(ReplyCode code) throws IOException {
        for (Path source : Rows.SOURCES) {
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String text = Files.readString(file);
                    boolean its = file.endsWith("ReplyCode.java");
                    assertEquals(its, text.contains(code.name() + "(" + code.code()), file.toString());
                    assertEquals(false, text.contains("ReplyCode." + code.name()), file.toString());
                }
            }
        }
    }
}
