package io.tallymq.broker.spec;

import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/** The bytes of a connection's description, in the log and in the store. */
public final class ConnectionInfoCodec {
    private ConnectionInfoCodec() {}

    public static void write(ByteWriter w, ConnectionInfo i) {
        w.string(i.name()).string(i.vhost()).string(i.user());
        w.string(i.peer().host()).int32(i.peer().port());
        w.string(i.local().host()).int32(i.local().port());
        ConnectionInfo.Negotiated n = i.negotiated();
        w.int32(n.channelMax()).int32(n.frameMax()).int32(n.heartbeat());
        w.string(n.mechanism()).int64(n.connectedAt());
        ArgumentsCodec.write(w, i.clientProperties());
    }

    public static ConnectionInfo read(ByteReader r) {
        String name = r.string();
        String vhost = r.string();
        String user = r.string();
        ConnectionInfo.Endpoint peer = new ConnectionInfo.Endpoint(r.string(), r.int32());
        ConnectionInfo.Endpoint local = new ConnectionInfo.Endpoint(r.string(), r.int32());
        ConnectionInfo.Negotiated negotiated =
                new ConnectionInfo.Negotiated(r.int32(), r.int32(), r.int32(), r.string(), r.int64());
        return new ConnectionInfo(name, vhost, user, peer, local, negotiated, ArgumentsCodec.read(r));
    }
}
