using System.Management.Automation;
using System.Xml.Linq;

namespace LoraPS.Cmdlets.Tests.Views;

/// <summary>The text of every public type's default view and list, as Snapshots/ keeps it.</summary>
/// <remarks>The environment variable LORAPS_UPDATE_SNAPSHOTS writes the files anew; what changed is then to be read.</remarks>
public sealed class SnapshotTests(ShownObjects objects) : IClassFixture<ShownObjects>
{
    private const string UpdateVariable = "LORAPS_UPDATE_SNAPSHOTS";

    private static readonly string Folder = TestFiles.Repository("tests/LoraPS.Cmdlets.Tests/Views/Snapshots");

    /// <summary>Names of the types.</summary>
    public static TheoryData<string> Names => [.. ShownObjects.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_type_is_shown_as_its_snapshot(string name)
    {
        var path = Path.Combine(Folder, $"{name}.txt");
        var shown = objects.Show(name);
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(UpdateVariable)))
            File.WriteAllText(path, shown);

        Assert.All(shown.Split('\n'), line => Assert.InRange(line.Length, 0, ShownObjects.Width));
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), shown);
    }

    [Fact]
    public void Every_type_that_is_written_has_a_view_a_list_default_properties_and_a_snapshot()
    {
        using var session = new ModuleSession();
        var written = session.Run("Get-Command -Module LoraPS").Output
            .SelectMany(command => ((CommandInfo)command.BaseObject).OutputType)
            .Select(type => type.Name)
            .Where(name => name.StartsWith("LoraPS.", StringComparison.Ordinal));
        var views = Views("LoraPS.Format.ps1xml");
        var all = written.Union(views.Keys).ToList();

        Assert.Empty(all.Except(views.Keys));
        Assert.Empty(all.Except(views.Where(view => view.Value == "ListControl").Select(view => view.Key)).Except(Views("LoraPS.Lists.Format.ps1xml").Keys));
        Assert.Empty(all.Except(WithDefaultProperties()));
        Assert.Equal(all.Select(name => name.Split('.')[^1]).Order(StringComparer.Ordinal), ShownObjects.Names.Order(StringComparer.Ordinal));
        Assert.Equal(ShownObjects.Names.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    /// <summary>The kind of each view in a file by the name of its type.</summary>
    private static Dictionary<string, string> Views(string file) => XDocument.Load(TestFiles.Repository($"module/{file}")).Descendants("View")
        .ToDictionary(view => view.Descendants("TypeName").Single().Value, view => view.Elements().Single(element => element.Name.LocalName.EndsWith("Control", StringComparison.Ordinal)).Name.LocalName);

    private static List<string> WithDefaultProperties() =>
    [
        .. XDocument.Load(TestFiles.Repository("module/LoraPS.Types.ps1xml")).Descendants("Type")
            .Where(type => type.Descendants("PropertySet").Any(set => set.Element("Name")?.Value == "DefaultDisplayPropertySet"))
            .Select(type => type.Element("Name")!.Value),
    ];
}
