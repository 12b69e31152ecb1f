namespace LoraPS.Engine.Tests;

/// <summary>Where tests find files.</summary>
internal static class TestFiles
{
    /// <summary>The folder that holds LoraPS.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>A file under Fixtures/, copied to the output folder.</summary>
    public static string Fixture(string path) => Path.Combine(AppContext.BaseDirectory, "Fixtures", path);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LoraPS.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("LoraPS.sln is in no folder above the tests.");
        return folder.FullName;
    }
}
