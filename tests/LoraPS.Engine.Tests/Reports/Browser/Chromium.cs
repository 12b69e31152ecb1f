using System.Diagnostics;

namespace LoraPS.Engine.Tests.Reports.Browser;

/// <summary>A Chromium without a window and without a network of its own.</summary>
internal sealed class Chromium : IDisposable
{
    /// <summary>Set where a test that needs Chromium has to fail without it, instead of being skipped.</summary>
    public const string RequiredVariable = "LORAPS_REQUIRE_CHROMIUM";

    private const string Listening = "DevTools listening on ";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    private static readonly string[] Options =
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--no-default-browser-check", "--hide-scrollbars",
        "--force-color-profile=srgb", "--remote-debugging-port=0",
    ];

    private readonly TemporaryFolder _profile = new();
    private readonly Process _process;

    private Chromium(string path)
    {
        var start = new ProcessStartInfo(path, [.. Options, $"--user-data-dir={_profile.Path}", "about:blank"]) { RedirectStandardError = true };
        _process = Process.Start(start)!;
    }

    /// <summary>The program, or null on a machine without it.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts it.</summary>
    /// <returns>The browser, and where it listens.</returns>
    public static async Task<(Chromium Browser, Uri Address)> StartAsync(CancellationToken cancellationToken)
    {
        var path = Find() ?? throw new InvalidOperationException($"There is no Chromium on this machine ({string.Join(", ", Names)}), and {RequiredVariable} is set. Install it: apt-get install chromium.");
        var browser = new Chromium(path);
        var told = new List<string>();
        while (await browser._process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Listening, StringComparison.Ordinal))
            {
                // Nobody reads on, but a full pipe would stop it.
                _ = browser._process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return (browser, new Uri(line[Listening.Length..]));
            }

            told.Add(line);
        }

        browser.Dispose();
        throw new InvalidOperationException($"{path} ended before it listened: {string.Join('\n', told)}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _profile.Dispose();
    }
}
