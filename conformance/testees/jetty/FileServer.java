import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.ServletContextHandler;

/** Serves a folder by Jetty's DefaultServlet: FileServer PORT FOLDER */
public class FileServer {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    Server server = new Server(InetSocketAddress.createUnresolved("127.0.0.1", port));
    ServletContextHandler context = new ServletContextHandler();
    context.setResourceBase(arguments[1]);
    context.addServlet(DefaultServlet.class, "/");
    server.setHandler(context);
    server.start();
    server.join();
  }
}
