namespace LoraPS.Cmdlets.Tests;

/// <summary>An empty folder that is deleted with all its files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("loraps-test-").FullName;

    /// <summary>Every file and folder in it, hidden ones too.</summary>
    public IEnumerable<string> Entries => Directory.EnumerateFileSystemEntries(Path).Select(System.IO.Path.GetFileName)!;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies a file into the folder under another name.</summary>
    public string Copy(string source, string name)
    {
        System.IO.File.Copy(source, File(name));
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
