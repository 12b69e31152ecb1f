using System.Text;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Joins letters with the accents written behind them, as Unicode's form C does.</summary>
/// <remarks>
/// string.Normalize does nothing where the runtime has no ICU, and one text must have one list of tokens everywhere.
/// Decomposed text comes mostly from file names on macOS. Known here are lower-case Latin, modern Greek, Cyrillic, Arabic,
/// kana and Hangul, with accents in the order Unicode gives them; pairs are from UnicodeData 14 and never change.
/// </remarks>
internal static class UnicodeComposition
{
    private const char FirstMark = '\u0300';

    // Hangul is arithmetic (The Unicode Standard, section 3.12): 19 leading × 21 vowels × 28 trailing, the first trailing being none.
    private const int Syllables = 0xac00, Leading = 0x1100, Vowels = 0x1161, Trailing = 0x11a7;
    private const int LeadingCount = 19, VowelCount = 21, TrailingCount = 28;

    /// <summary>By accent: letter, composed letter, letter, composed letter…</summary>
    private static readonly Dictionary<char, string> ByMark = new()
    {
        ['\u0300'] = "aàeèiìoòuùüǜnǹеѐиѝēḕōṑwẁâầăằêềôồơờưừyỳ",
        ['\u0301'] = "aáeéiíoóuúyýcćlĺnńrŕsśzźüǘgǵåǻæǽøǿ¨΅ϊΐαάεέηήιίϋΰοόυύωώгѓкќçḉēḗïḯkḱmḿõṍōṓpṕũṹwẃâấăắêếôốơớưứ",
        ['\u0302'] = "aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷzẑạậẹệọộ",
        ['\u0303'] = "aãnñoõiĩuũvṽâẫăẵeẽêễôỗơỡưữyỹ",
        ['\u0304'] = "aāeēiīoōuūüǖäǟȧǡæǣǫǭöȫõȭȯȱyȳиӣуӯgḡḷḹṛṝ",
        ['\u0306'] = "aăeĕgğiĭoŏuŭийуўжӂаӑеӗȩḝạặ",
        ['\u0307'] = "cċeėgġzżaȧoȯbḃdḋfḟhḣmṁnṅpṗrṙsṡśṥšṧṣṩtṫwẇxẋyẏſẛ",
        ['\u0308'] = "aäeëiïoöuüyÿιϊυϋеёіїаӓәӛжӝзӟиӥоӧөӫэӭуӱчӵыӹhḧõṏūṻwẅxẍtẗ",
        ['\u0309'] = "aảâẩăẳeẻêểiỉoỏôổơởuủưửyỷ",
        ['\u030a'] = "aåuůwẘyẙ",
        ['\u030b'] = "oőuűуӳ",
        ['\u030c'] = "cčdďeělľnňrřsštťzžaǎiǐoǒuǔüǚgǧkǩʒǯjǰhȟ",
        ['\u030f'] = "aȁeȅiȉoȍrȑuȕѵѷ",
        ['\u0311'] = "aȃeȇiȋoȏrȓuȗ",
        ['\u031b'] = "oơuư",
        ['\u0323'] = "bḅdḍhḥkḳlḷmṃnṇrṛsṣtṭvṿwẉzẓaạeẹiịoọơợuụưựyỵ",
        ['\u0324'] = "uṳ",
        ['\u0325'] = "aḁ",
        ['\u0326'] = "sștț",
        ['\u0327'] = "cçgģkķlļnņrŗsştţeȩdḑhḩ",
        ['\u0328'] = "aąeęiįuųoǫ",
        ['\u032d'] = "dḓeḙlḽnṋtṱuṷ",
        ['\u032e'] = "hḫ",
        ['\u0330'] = "eḛiḭuṵ",
        ['\u0331'] = "bḇdḏkḵlḻnṉrṟtṯzẕhẖ",
        ['\u0653'] = "اآ",
        ['\u0654'] = "اأوؤيئەۀہۂےۓ",
        ['\u0655'] = "اإ",
        ['\u3099'] = "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞ"
            + "カガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ",
        ['\u309a'] = "はぱひぴふぷへぺほぽハパヒピフプヘペホポ",
    };

    private static readonly Dictionary<(char Letter, char Mark), char> Pairs = ByMark
        .SelectMany(row => row.Value.Chunk(2).Select(pair => (row.Key, Letter: pair[0], Composed: pair[1])))
        .ToDictionary(pair => (pair.Letter, pair.Key), pair => pair.Composed);

    /// <summary>Replaces a letter and the accents behind it by one letter where there is one.</summary>
    /// <param name="text">Text in lower case.</param>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstMark - 1)) < 0)
            return text;

        var composed = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (composed.Length > 0 && Join(composed[^1], c) is { } joined)
                composed[^1] = joined;
            else
                composed.Append(c);
        }

        return composed.ToString();
    }

    private static char? Join(char letter, char mark)
    {
        if (Pairs.TryGetValue((letter, mark), out var composed))
            return composed;

        int leading = letter - Leading, vowel = mark - Vowels, syllable = letter - Syllables, trailing = mark - Trailing;
        if (leading is >= 0 and < LeadingCount && vowel is >= 0 and < VowelCount)
            return (char)(Syllables + (leading * VowelCount + vowel) * TrailingCount);
        if (syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount && syllable % TrailingCount == 0
            && trailing is > 0 and < TrailingCount)
            return (char)(letter + trailing);
        return null;
    }
}
