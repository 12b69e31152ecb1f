using System.Management.Automation;
using System.Runtime.InteropServices;
using LoraPS.Shell.Hosting;

namespace LoraPS.Shell;

/// <summary>Runs one script, command or standard input with the LoraPS module loaded, and exits the way pwsh does.</summary>
internal static class Program
{
    private const int UsageError = 64;
    private const int SessionError = 70;

    private static int Main(string[] arguments)
    {
        try
        {
            var request = ShellRequest.Parse(arguments, Console.IsInputRedirected);
            return request.Kind switch
            {
                ShellRequestKind.Help => Print(ShellRequest.Usage),
                ShellRequestKind.Version => Print($"LoraPS.Shell on PowerShell {PSVersionInfo.PSVersion}"),
                _ => Run(request),
            };
        }
        catch (ShellUsageException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(ShellRequest.Usage);
            return UsageError;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or RuntimeException)
        {
            Console.Error.WriteLine(e.Message);
            return SessionError;
        }
    }

    private static int Run(ShellRequest request)
    {
        using var session = new ShellSession();
        using var interrupt = OnFirstSignal(PosixSignal.SIGINT, session.Stop);
        using var terminate = OnFirstSignal(PosixSignal.SIGTERM, session.Stop);
        return session.Run(request);
    }

    /// <summary>The first signal stops the pipeline and lets it finish; the second is left to end the process.</summary>
    private static PosixSignalRegistration OnFirstSignal(PosixSignal signal, Action stop)
    {
        var seen = false;
        return PosixSignalRegistration.Create(signal, context =>
        {
            if (seen)
                return;
            seen = true;
            context.Cancel = true;
            stop();
        });
    }

    private static int Print(string text)
    {
        Console.WriteLine(text);
        return 0;
    }
}
