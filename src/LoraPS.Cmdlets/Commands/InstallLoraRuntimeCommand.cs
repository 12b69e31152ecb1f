using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Runtime;
using LoraPS.Installer;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Installs libtorch for this user: for CUDA, which the module does not bring, or for the CPU.</summary>
/// <remarks>
/// The packages come from the feeds of NuGet.config, with its credentials and proxies, and only in the one version that the
/// module works with. Each is checked by its hash before anything of it is unpacked: by the one the module knows, by the one
/// the feed gives, or by nuget.org's signature. Ctrl+C and lost connections keep what was fetched; the same command goes on
/// from there. CUDA needs about 3 GB to fetch and 6 GB of space.
///
/// It goes to LoraPS in $XDG_DATA_HOME or ~/.local/share (Linux), %LOCALAPPDATA% (Windows), ~/Library/Application Support
/// (macOS), or to the folder that LORAPS_RUNTIME_PATH names. New sessions use it: LORAPS_LIBTORCH goes before it, the
/// libtorch in the module comes after it. What is installed is not fetched again without -Force; naming its backend makes it
/// the one in use.
/// </remarks>
/// <example>
/// <para>Installs libtorch for CUDA from nuget.org, whatever NuGet.config says.</para>
/// <code>Install-LoraRuntime -Backend Cuda -Source https://api.nuget.org/v3/index.json</code>
/// </example>
/// <example>
/// <para>Installs the PyTorch project's own download, unpacked, for sessions that begin after it.</para>
/// <code>Install-LoraRuntime -Path ./libtorch</code>
/// </example>
/// <example>
/// <para>Says what would be fetched, and from where to where.</para>
/// <code>Install-LoraRuntime -Backend Cuda -WhatIf</code>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "LoraRuntime", SupportsShouldProcess = true, DefaultParameterSetName = FeedSet)]
[OutputType(typeof(InstalledRuntime))]
public sealed class InstallLoraRuntimeCommand : WorkerCmdlet
{
    private const string FeedSet = "Feed";
    private const string PathSet = "Path";

    /// <summary>What to compute on: Cpu, or Cuda for NVIDIA's GPUs.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FeedSet, HelpMessage = "Cpu, or Cuda for NVIDIA's GPUs.")]
    public RuntimeBackend Backend { get; set; }

    /// <summary>Feeds to look in instead of those of NuGet.config: their names in it, addresses, or folders with packages.</summary>
    [Parameter(ParameterSetName = FeedSet)]
    [ValidateNotNullOrEmpty]
    public string[] Source { get; set; } = [];

    /// <summary>Takes packages too that neither the module, nor the feed, nor a signature of nuget.org vouches for.</summary>
    [Parameter(ParameterSetName = FeedSet)]
    public SwitchParameter AllowUnverified { get; set; }

    /// <summary>A folder with a libtorch of the right version, to be copied instead of fetching one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, HelpMessage = "A folder with libtorch, such as PyTorch's own download, unpacked.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Installs again what is installed.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (ParameterSetName == PathSet)
                InstallFolder(ResolveLiteralPath(Path));
            else
                InstallPackages();
        }
        catch (EngineException e)
        {
            ThrowEngineError(e, ParameterSetName == PathSet ? Path : Backend);
        }
    }

    private void InstallPackages()
    {
        var options = new RuntimeInstallOptions
        {
            Backend = Backend,
            Sources = Source,
            ConfigurationFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            Force = Force,
            AllowUnverified = AllowUnverified,
        };
        var from = Source.Length == 0 ? "the feeds of NuGet.config" : string.Join(", ", Source);
        if (ShouldProcess($"Fetch libtorch {LibTorch.Version} for {Backend} on {LibTorch.Rid} from {from} and install it in {options.Store.FolderOf(Backend)}.", null, null))
            Write(RunOnWorker((events, stop) => RuntimeInstaller.Install(options, events, stop)));
    }

    private void InstallFolder(string folder)
    {
        var store = RuntimeStore.Default;
        var backend = LocalRuntime.BackendOf(folder);
        if (ShouldProcess($"Copy libtorch for {backend} from {folder} to {store.FolderOf(backend)}.", null, null))
            Write(RunOnWorker((events, stop) => LocalRuntime.Install(folder, store, Force, events, stop)));
    }

    private void Write(InstalledRuntime runtime)
    {
        if (TorchRuntime.IsLoaded)
            WriteWarning("libtorch is loaded in this session; the one that was installed is used in new ones.");
        WriteObject(runtime);
    }
}
