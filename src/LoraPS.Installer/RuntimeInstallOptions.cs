using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>Which libtorch to install, from where, and to where.</summary>
public sealed record RuntimeInstallOptions
{
    /// <summary>What it computes on.</summary>
    public required RuntimeBackend Backend { get; init; }

    /// <summary>Where it goes.</summary>
    /// <value>Default: the user's own folder.</value>
    public RuntimeStore Store { get; init; } = RuntimeStore.Default;

    /// <summary>Feeds to look in: names from NuGet.config, addresses, or folders. They replace the configured ones.</summary>
    /// <value>Default: none, which takes all feeds that NuGet.config has enabled.</value>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Where NuGet.config is looked for, upwards; relative folders among the sources start here.</summary>
    public string ConfigurationFolder { get; init; } = Environment.CurrentDirectory;

    /// <summary>Install again what is installed.</summary>
    public bool Force { get; init; }

    /// <summary>Take packages that neither the module, nor the feed, nor a signature of nuget.org vouches for.</summary>
    public bool AllowUnverified { get; init; }
}
