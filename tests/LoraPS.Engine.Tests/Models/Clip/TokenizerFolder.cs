using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Tests.Models.Clip;

/// <summary>A folder for one test, deleted at its end, and the small vocabulary to put in it.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    /// <summary>Folder with the part of CLIP's vocabulary that the test texts use.</summary>
    public static string Vocabulary { get; } = TestFiles.Fixture("tokenizer");

    public static ClipTokenizer Tokenizer { get; } = new(ClipVocabulary.Load(Vocabulary));

    public string Path { get; } = Directory.CreateTempSubdirectory("LoraPS").FullName;

    /// <summary>Copies vocab.json and merges.txt into a folder below this one.</summary>
    public string AddVocabulary(params string[] below)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine([Path, .. below])).FullName;
        foreach (var file in (string[])["vocab.json", "merges.txt"])
            File.Copy(System.IO.Path.Combine(Vocabulary, file), System.IO.Path.Combine(folder, file));
        return folder;
    }

    /// <summary>Writes a file in this folder.</summary>
    public string Write(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllText(file, content);
        return file;
    }

    /// <summary>Places that hold nothing yet.</summary>
    public TokenizerPlaces EmptyPlaces() =>
        new(System.IO.Path.Combine(Path, "kept"), System.IO.Path.Combine(Path, "hub"), "https://hub.test");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
