import ts from 'typescript';

/** A text that can become a next step, with what varies written as `<…>`, and where it stands. */
export interface Advice {
  readonly text: string;
  readonly at: string;
}

const HOLE = '<…>';

/** Follows values backwards from every property `nextSteps` to the texts they are made of. */
export function scanAdvice(root: string): readonly Advice[] {
  const files = ts.sys.readDirectory(`${root}/src`, ['.ts']);
  const config = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile).config as { compilerOptions: object };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: true, types: [] }, root);
  const program = ts.createProgram(files, options);
  const scan = new Scan(program, root);
  return scan.all();
}

type Visit = (node: ts.Node) => void;

function everyNode(node: ts.Node, visit: Visit): void {
  visit(node);
  ts.forEachChild(node, (child) => everyNode(child, visit));
}

class Scan {
  private readonly checker: ts.TypeChecker;
  private readonly found = new Map<string, string>();
  private readonly seen = new Set<ts.Node>();
  /** By the last name of what is called; what the name means is asked for only where it matters. */
  private readonly calls = new Map<string, ts.CallExpression[]>();
  private readonly given = new Map<string, ts.Expression[]>();

  constructor(
    private readonly program: ts.Program,
    private readonly root: string,
  ) {
    this.checker = program.getTypeChecker();
  }

  all(): readonly Advice[] {
    const sources = this.program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${this.root}/src/`));
    for (const source of sources) everyNode(source, (node) => this.index(node));
    for (const value of this.given.get('nextSteps') ?? []) this.follow(value);
    return [...this.found].map(([text, at]) => ({ text, at })).sort((a, b) => (a.text < b.text ? -1 : 1));
  }

  private index(node: ts.Node): void {
    if (ts.isCallExpression(node)) add(this.calls, lastName(node.expression).text ?? '', node);
    const value = givenValue(node);
    if (value !== undefined) add(this.given, value.name, value.expression);
  }

  /** Values that an object literal gives to this very property. */
  private valuesOf(property: ts.PropertySignature | ts.PropertyDeclaration | ts.MethodSignature): readonly ts.Expression[] {
    const name = property.name.getText();
    return (this.given.get(name) ?? []).filter((value) => {
      const literal = ts.isObjectLiteralExpression(value.parent) ? value.parent : value.parent.parent;
      if (!ts.isObjectLiteralExpression(literal)) return false;
      return this.declarationsOf(this.checker.getContextualType(literal), name).includes(property);
    });
  }

  private declarationsOf(type: ts.Type | undefined, name: string): readonly ts.Node[] {
    if (type === undefined) return [];
    const types = type.isUnion() ? type.types : [type];
    return types.flatMap((one) => one.getProperty(name)?.declarations ?? []);
  }

  private follow(node: ts.Node | undefined): void {
    if (node === undefined || this.seen.has(node)) return;
    this.seen.add(node);
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return this.keep(node, node.text);
    if (ts.isTemplateExpression(node)) return this.keep(node, written(node));
    if (ts.isIdentifier(node)) return this.followName(node);
    if (ts.isPropertyAccessExpression(node)) return this.followProperty(node);
    if (ts.isElementAccessExpression(node)) return this.followMembers(node.expression);
    if (ts.isCallExpression(node)) return this.followCall(node);
    if (
      ts.isArrowFunction(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isFunctionExpression(node)
    )
      return this.followResults(node);
    if (ts.isConditionalExpression(node)) return this.followEach([node.whenTrue, node.whenFalse]);
    if (ts.isBinaryExpression(node)) return this.followEach([node.left, node.right]);
    if (ts.isArrayLiteralExpression(node)) return this.followEach(node.elements);
    if (
      ts.isParenthesizedExpression(node) ||
      ts.isSpreadElement(node) ||
      ts.isAsExpression(node) ||
      ts.isSatisfiesExpression(node) ||
      ts.isNonNullExpression(node)
    )
      return this.follow(node.expression);
  }

  private followEach(nodes: readonly ts.Node[]): void {
    for (const node of nodes) this.follow(node);
  }

  /** Of a table that is looked up by a name: every value. */
  private followMembers(table: ts.Expression): void {
    for (const declaration of this.checker.getSymbolAtLocation(table)?.declarations ?? []) {
      const literal = ts.isVariableDeclaration(declaration) ? bare(declaration.initializer) : undefined;
      if (literal === undefined || !ts.isObjectLiteralExpression(literal)) continue;
      for (const member of literal.properties) if (ts.isPropertyAssignment(member)) this.follow(member.initializer);
    }
  }

  private followName(node: ts.Identifier): void {
    const shorthand =
      ts.isShorthandPropertyAssignment(node.parent) && this.checker.getShorthandAssignmentValueSymbol(node.parent);
    this.followSymbol(shorthand || this.checker.getSymbolAtLocation(node));
  }

  private followSymbol(symbol: ts.Symbol | undefined): void {
    if (symbol === undefined) return;
    const real = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of real.declarations ?? []) this.followDeclaration(declaration);
  }

  private followDeclaration(declaration: ts.Declaration): void {
    if (ts.isVariableDeclaration(declaration)) return this.follow(declaration.initializer);
    if (ts.isPropertyAssignment(declaration)) return this.follow(declaration.initializer);
    if (ts.isShorthandPropertyAssignment(declaration)) return this.followName(declaration.name);
    if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) return this.follow(declaration);
    if (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isMethodSignature(declaration))
      return this.followEach(this.valuesOf(declaration));
    if (ts.isParameter(declaration)) return this.followParameter(declaration);
    if (ts.isBindingElement(declaration)) return this.followBinding(declaration);
  }

  private followParameter(parameter: ts.ParameterDeclaration): void {
    this.follow(parameter.initializer);
    const place = parameter.parent.parameters.indexOf(parameter);
    for (const call of this.callsOf(parameter.parent))
      this.followEach(parameter.dotDotDotToken ? call.arguments.slice(place) : (call.arguments ?? []).slice(place, place + 1));
  }

  private callsOf(called: ts.SignatureDeclaration): readonly ts.CallExpression[] {
    const owner = ts.isVariableDeclaration(called.parent) ? called.parent : called;
    const name = owner.name?.getText() ?? '';
    return (this.calls.get(name) ?? []).filter((call) => this.checker.getResolvedSignature(call)?.declaration === called);
  }

  private followBinding(binding: ts.BindingElement): void {
    this.follow(binding.initializer);
    if (ts.isArrayBindingPattern(binding.parent)) {
      const owner = binding.parent.parent;
      const place = binding.parent.elements.indexOf(binding);
      if (ts.isVariableDeclaration(owner)) this.followEach(elementsOf(owner.initializer, place));
      return;
    }
    const name = (binding.propertyName ?? binding.name).getText();
    if (name === 'nextSteps') return;
    const type = this.checker.getTypeAtLocation(binding.parent);
    for (const declaration of this.declarationsOf(type, name)) this.followDeclaration(declaration as ts.Declaration);
  }

  private followProperty(node: ts.PropertyAccessExpression): void {
    if (node.name.text === 'nextSteps') return;
    this.followSymbol(this.checker.getSymbolAtLocation(node.name));
  }

  /** What a call gives back: of the functions of a list, what its members become. */
  private followCall(node: ts.CallExpression): void {
    const callee = node.expression;
    const declaration = this.checker.getResolvedSignature(node)?.declaration;
    if (declaration?.getSourceFile().fileName.startsWith(`${this.root}/src/`)) {
      this.follow(declaration);
      if (ts.isFunctionTypeNode(declaration) || ts.isMethodSignature(declaration)) this.followName(lastName(callee));
      return;
    }
    if (!ts.isPropertyAccessExpression(callee)) return;
    if (/^(map|flatMap)$/.test(callee.name.text)) return this.followEach(node.arguments);
    this.followEach([callee.expression, ...(callee.name.text === 'concat' ? node.arguments : [])]);
  }

  private followResults(node: ts.FunctionLikeDeclaration): void {
    const { body } = node;
    if (body === undefined) return;
    if (!ts.isBlock(body)) return this.follow(body);
    const visit: Visit = (inner) => {
      if (ts.isFunctionLike(inner)) return;
      if (ts.isReturnStatement(inner)) return this.follow(inner.expression);
      ts.forEachChild(inner, visit);
    };
    ts.forEachChild(body, visit);
  }

  private keep(node: ts.Node, text: string): void {
    if (text === '' || this.found.has(text)) return;
    const source = node.getSourceFile();
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    this.found.set(text, `${source.fileName.slice(this.root.length + 1)}:${line}`);
  }
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
}

function givenValue(node: ts.Node): { name: string; expression: ts.Expression } | undefined {
  if (ts.isShorthandPropertyAssignment(node)) return { name: node.name.text, expression: node.name };
  if (!ts.isPropertyAssignment(node)) return undefined;
  return { name: node.name.getText().replace(/['"]/g, ''), expression: node.initializer };
}

const lastName = (node: ts.Expression): ts.Identifier =>
  (ts.isPropertyAccessExpression(node) ? node.name : node) as ts.Identifier;

const written = (node: ts.TemplateExpression): string =>
  node.head.text + node.templateSpans.map(({ literal }) => `${HOLE}${literal.text}`).join('');

function bare(node: ts.Expression | undefined): ts.Expression | undefined {
  return node !== undefined && (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) ? bare(node.expression) : node;
}

/** What stands at this place of a list, however the list is chosen. */
function elementsOf(node: ts.Expression | undefined, place: number): readonly ts.Node[] {
  const list = bare(node);
  if (list === undefined) return [];
  if (ts.isParenthesizedExpression(list)) return elementsOf(list.expression, place);
  if (ts.isConditionalExpression(list)) return [...elementsOf(list.whenTrue, place), ...elementsOf(list.whenFalse, place)];
  const element = ts.isArrayLiteralExpression(list) ? list.elements[place] : undefined;
  return element === undefined ? [] : [element];
}
