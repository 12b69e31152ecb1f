using System.Text.RegularExpressions;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests;

/// <summary>Holds the code to the rooms map of docs/architecture.md.</summary>
public partial class ArchitectureTests
{
    /// <summary>Which rooms each room may use. Data flows one way: no entry here may close a circle.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Runtime"] = [],
        ["Formats"] = ["Runtime"],
        ["Naming"] = ["Runtime", "Formats"],
        ["Diffusion"] = ["Runtime"],
        ["Data"] = ["Runtime"],
        ["Models"] = ["Runtime", "Formats", "Naming"],
        ["Lora"] = ["Runtime", "Formats", "Naming", "Models"],
        ["Merging"] = ["Runtime", "Formats", "Naming", "Lora"],
        ["Inspection"] = ["Runtime", "Formats", "Naming", "Lora", "Merging"],
        ["Sampling"] = ["Runtime", "Formats", "Naming", "Models", "Diffusion", "Lora", "Merging"],
        ["Training"] = ["Runtime", "Formats", "Naming", "Models", "Diffusion", "Data", "Lora", "Sampling"],
        ["Reports"] = ["Runtime", "Formats", "Naming", "Data", "Lora", "Merging", "Inspection", "Training"],
    };

    private static readonly string Engine = Path.Combine(TestFiles.RepositoryRoot, "src", "LoraPS.Engine");

    public static TheoryData<string> Rooms => [.. Directory.GetDirectories(Engine).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj"))];

    [Fact]
    public void The_engine_knows_nothing_of_PowerShell() =>
        Assert.DoesNotContain(typeof(EngineException).Assembly.GetReferencedAssemblies(), a => a.Name!.Contains("Automation", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_only_the_rooms_it_may(string room)
    {
        Assert.True(Allowed.ContainsKey(room), $"The room {room} is not on the map: add it here and in docs/architecture.md.");
        var used = Directory.EnumerateFiles(Path.Combine(Engine, room), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => RoomReference().Matches(File.ReadAllText(file)).Select(m => (File: Path.GetFileName(file), Room: m.Groups[1].Value)))
            .Where(use => use.Room != room && !Allowed[room].Contains(use.Room));
        Assert.Empty(used);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Namespaces_are_folders(string room) =>
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Engine, room), "*.cs", SearchOption.AllDirectories),
            file => Assert.Contains(
                $"namespace LoraPS.Engine.{Path.GetRelativePath(Engine, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.')};",
                File.ReadAllText(file), StringComparison.Ordinal));

    [Fact]
    public void The_engine_never_writes_to_the_console() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Engine, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("obj", StringComparison.Ordinal)),
            file => Regex.IsMatch(File.ReadAllText(file), @"\bConsole\.(Write|Error|Out)"));

    [GeneratedRegex(@"LoraPS\.Engine\.(Runtime|Formats|Naming|Diffusion|Data|Models|Lora|Merging|Inspection|Sampling|Training|Reports)\b")]
    private static partial Regex RoomReference();
}
