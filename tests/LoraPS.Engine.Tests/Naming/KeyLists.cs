namespace LoraPS.Engine.Tests.Naming;

/// <summary>Names and shapes of full-size models, made by instantiating the classes of sd-scripts 48d368fa and diffusers 0.32.1.</summary>
internal static class KeyLists
{
    /// <summary>Shapes by name; "320,4,3,3", empty for a scalar.</summary>
    public static IReadOnlyDictionary<string, string> Read(string list) =>
        File.ReadLines(TestFiles.Fixture($"keys/{list}.tsv")).Select(line => line.Split('\t')).ToDictionary(columns => columns[0], columns => columns[1]);
}
