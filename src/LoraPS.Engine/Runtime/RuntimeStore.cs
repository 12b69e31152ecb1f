namespace LoraPS.Engine.Runtime;

/// <summary>The folder with the libtorch that was installed for this user, and which of its backends is used.</summary>
/// <remarks>
/// <c>libtorch/VERSION/RID/BACKEND</c> holds one runtime each, and the file <c>current</c> beside them the name of the one
/// that is used. A module built against another version of libtorch looks in another folder.
/// </remarks>
/// <param name="root">Full path of the folder.</param>
public sealed class RuntimeStore(string root)
{
    /// <summary>Names another folder than the user's own, such as one that many share.</summary>
    public const string Variable = "LORAPS_RUNTIME_PATH";

    private static readonly string[] Names = [.. Enum.GetNames<RuntimeBackend>().Select(name => name.ToLowerInvariant())];

    /// <summary>
    /// The user's own: what LORAPS_RUNTIME_PATH names, otherwise <c>LoraPS</c> in $XDG_DATA_HOME or ~/.local/share (Linux),
    /// %LOCALAPPDATA% (Windows), ~/Library/Application Support (macOS).
    /// </summary>
    public static RuntimeStore Default => new(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "LoraPS"));

    /// <summary>Where packages are kept until they are unpacked, whole ones and parts.</summary>
    public string DownloadFolder => Path.Combine(root, "downloads");

    /// <summary>The file that names the backend in use.</summary>
    public string CurrentFile => Path.Combine(PlatformFolder, "current");

    /// <summary>The backend in use; null where none is installed.</summary>
    public RuntimeBackend? Current =>
        File.Exists(CurrentFile) && Array.IndexOf(Names, File.ReadAllText(CurrentFile).Trim()) is >= 0 and var backend && Directory.Exists(FolderOf((RuntimeBackend)backend))
            ? (RuntimeBackend)backend
            : null;

    private string PlatformFolder => Path.Combine(root, "libtorch", LibTorch.Version, LibTorch.Rid);

    /// <summary>The folder of a backend, installed or not.</summary>
    /// <param name="backend">The backend.</param>
    public string FolderOf(RuntimeBackend backend) => Path.Combine(PlatformFolder, NameOf(backend));

    /// <summary>What <see cref="CurrentFile"/> holds when a backend is in use.</summary>
    /// <param name="backend">The backend.</param>
    public static string NameOf(RuntimeBackend backend) => Names[(int)backend];
}
